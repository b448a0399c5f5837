/** `npm run soak [-- MINUTES]`: ten minutes of 5,000 messages a second with random breaks. */
import { soak } from './soak.ts'

const minutes = Number(process.argv[2] ?? 10)
if (!(minutes > 0)) {
  console.error('usage: npm run soak -- [MINUTES], more than 0 (10)')
  process.exit(2)
}
const { heap: _, ...report } = await soak(
  { durationMs: minutes * 60_000, inPerSecond: 4_500, outPerSecond: 500, dropEveryMs: 3_000 },
  (minute, megabytes) => console.log(`${minute.toFixed(2)} min: ${megabytes.toFixed(2)} MB`),
)
console.log(report)
const isWhole = report.heard === report.published && report.handled === report.sent && report.heardSwapped + report.handledSwapped + report.gaps === 0
if (!isWhole || report.slope > 1) {
  console.error(isWhole ? `the heap grows by ${report.slope.toFixed(2)} MB a minute; 1 is allowed` : 'messages were lost, doubled or swapped')
  process.exitCode = 1
}
