// The backlog drill at length: 50,000 messages by default. One JSON line; ends with 1 when anything is not as it should be.
//
//     node tests/long/backlog.mjs [MESSAGES]

import { isDeepStrictEqual } from 'node:util';
import { backlogDrill, soundBacklog } from '../e2e/backlog.mjs';

const count = Number(process.argv[2] ?? 50_000);
const { left, answeredMs, ...drill } = await backlogDrill(count);
const sound = isDeepStrictEqual(drill, soundBacklog(count));
console.log(JSON.stringify(sound ? { messages: count, left, answeredMs, faults: 0 } : { left, answeredMs, ...drill }));
process.exit(sound ? 0 : 1);
