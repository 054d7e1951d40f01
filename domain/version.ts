// The version of this code, written into every evidence pack and into the API's description.

export const CODE_VERSION = '0.1.0';
