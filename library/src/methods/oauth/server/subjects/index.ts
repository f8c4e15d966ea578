/** Identifiers by which clients know people. */
export { createSubjects, type Subjects } from "./subjects.ts";
export { subjectTables } from "./table.ts";
