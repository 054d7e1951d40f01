// Finds Temporal's test server, which skips the time workflows sleep, or gets it once for all projects of
// this user. Only tests and rehearsals use it; it never starts the server, the SDK does.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from './command.ts';
import { addToCache, cacheFolder } from './download-cache.ts';
import { type Environment, findOnPath, isExecutable, machineEnvironment } from './machine.ts';
import { type SearchPlace, searchInOrder } from './search-chain.ts';
import { type FindProgramOptions, sdkDownload } from './temporal-binary.ts';

const MAVEN_VERSION = '1.38.0';
/** The logging interface the server comes with; its silent implementation stops a warning at each start. */
const SLF4J_VERSION = '1.7.36';
const NATIVE_ENTRY = 'temporal-test-server';
const JAVA_ENTRY = `temporal-test-server-java-${MAVEN_VERSION}`;
const START_SCRIPT = 'start.sh';
const MAVEN_WITHIN_MS = 10 * 60_000;

/**
 * The path to give to `TestWorkflowEnvironment.createTimeSkipping` as an executable of type `existing-path`.
 * Tried in order: TEMPORAL_TEST_SERVER_PATH, the user's cache, the SDK's own download, Maven with Java.
 * @throws listing what was tried and what to do. A TEMPORAL_TEST_SERVER_PATH that is no program is an error
 *   at once: somebody asked for that one.
 */
export async function findTimeSkippingServer(options: FindProgramOptions): Promise<string> {
  const env = options.env ?? machineEnvironment();
  const chosen = env.TEMPORAL_TEST_SERVER_PATH;
  if (chosen !== undefined && chosen !== '') {
    if (await isExecutable(chosen)) return chosen;
    throw new Error(`TEMPORAL_TEST_SERVER_PATH is ${chosen}, which is not a program that can be run`);
  }
  const folder = cacheFolder(env);
  return searchInOrder({
    what: "Temporal's time-skipping test server",
    log: options.log,
    places: [
      cached(env, folder),
      sdkDownload('test-server', folder, NATIVE_ENTRY, options),
      fromMaven(env, folder, options),
    ],
    advice:
      'Install Java and Maven, or set TEMPORAL_TEST_SERVER_PATH to a temporal-test-server of ' +
      'https://github.com/temporalio/sdk-java/releases.',
  });
}

function cached(env: Environment, folder: string): SearchPlace {
  return {
    name: `the cache ${folder}`,
    async find() {
      const native = path.join(folder, NATIVE_ENTRY);
      if (await isExecutable(native)) return native;
      const script = path.join(folder, JAVA_ENTRY, START_SCRIPT);
      if (!(await isExecutable(script))) return { absent: 'empty' };
      return (await findOnPath('java', env)) === undefined ? { absent: 'it needs Java on PATH' } : script;
    },
  };
}

function fromMaven(env: Environment, folder: string, options: FindProgramOptions): SearchPlace {
  return {
    name: `Maven's io.temporal:temporal-test-server:${MAVEN_VERSION}`,
    async find() {
      if ((await findOnPath('java', env)) === undefined) return { absent: 'Java is not on PATH' };
      const maven = await findOnPath('mvn', env);
      if (maven === undefined) return { absent: 'Maven (mvn) is not on PATH' };
      const entry = await addToCache(folder, JAVA_ENTRY, async (workFolder) => {
        const made = path.join(workFolder, 'entry');
        await mkdir(made);
        await copyJars(maven, workFolder, path.join(made, 'lib'), options);
        const script = path.join(made, START_SCRIPT);
        await writeFile(script, startScript());
        await chmod(script, 0o755);
        return made;
      });
      return path.join(entry, START_SCRIPT);
    },
  };
}

async function copyJars(
  maven: string,
  workFolder: string,
  target: string,
  options: FindProgramOptions,
): Promise<void> {
  const pom = path.join(workFolder, 'pom.xml');
  await writeFile(pom, projectFile());
  await runCommand({
    command: maven,
    args: ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${target}`],
    timeoutMs: MAVEN_WITHIN_MS,
    progress: options.progress ?? options.log,
    label: "Fetching Temporal's test server with Maven",
  });
}

function projectFile(): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>jalon.local</groupId>
  <artifactId>test-server</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>${MAVEN_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-nop</artifactId>
      <version>${SLF4J_VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;
}

/** The SDK calls the server with its port and any extra arguments, and ends the process it started: hence exec. */
function startScript(): string {
  return `#!/bin/sh
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
exec java -cp "$here/lib/*" io.temporal.testserver.TestServer "$@"
`;
}
