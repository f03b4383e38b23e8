export { cardReport } from "./card-report.ts";
export { reportHtml } from "./page.ts";
export { type Answer, type Block, checkReport, type Report, reportSchema } from "./schema.ts";
