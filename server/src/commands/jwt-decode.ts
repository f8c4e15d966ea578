import { systemClock } from "latchkey";
import { type DecodedJwt, decodeJwt } from "latchkey/jwt";
import { showToken } from "../show-token.ts";
import { readTextInput, tokenOption } from "../text-input.ts";
import type { Command } from "./command.ts";

type Output = Omit<DecodedJwt, "token" | "signatureBytes"> & { readonly signature: "not checked" };

const unchecked = "NOT CHECKED: anybody can write a token that says this. To check it: latchkey jwt verify";

export const jwtDecode: Command = {
  name: "jwt decode",
  summary:
    "Say what a token says and what is wrong with it, offline. Its signature is not checked. A token is a secret: it comes by stdin or a file.",
  positionals: [],
  options: [tokenOption],
  example: "latchkey jwt decode < token.txt",
  async here({ input, note }): Promise<Output> {
    const { header, payload, times, findings } = decodeJwt(await readTextInput(input, "the token", note), systemClock.now());
    return { header, payload, times, findings, signature: "not checked" };
  },
  print: (output: Output) => showToken({ ...output, token: "", signatureBytes: 0 }, unchecked),
  // What could not be read at all was not done; what is only expired was.
  exitCode: ({ header, payload }: Output) => (header === undefined || payload === undefined ? 1 : 0),
};
