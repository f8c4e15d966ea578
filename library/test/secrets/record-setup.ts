// In every worker, before each test file: records, and writes down what is left when the file is done.
import { afterAll } from "vitest";
import { flush } from "./record.mjs";

afterAll(flush);
