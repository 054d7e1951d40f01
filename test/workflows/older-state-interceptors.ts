// Hands runs over as a release would have whose theses knew no conditions: without that field.

import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';
import type { ThesisStart } from '../../workflows/contract.ts';

export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      continueAsNew({ args, ...input }, next) {
        const [start] = args as [ThesisStart];
        const { conditions: _unknown, ...state } = start.state ?? { conditions: [] };
        return next({ ...input, args: [{ ...start, state }] });
      },
    },
  ],
});
