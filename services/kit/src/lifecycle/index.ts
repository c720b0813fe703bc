// SPDX-License-Identifier: Apache-2.0
export { writePidFile } from "./pid-file.js";
export { runService, type RunOptions, type ServiceScope } from "./run-service.js";
export { writeFileAtomic, type WriteFileOptions } from "./write-file.js";
