import { array, assert, constantFrom, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { clearCookie, cookieForm, readCookie, writeCookie } from "./cookie.ts";

describe("reading one cookie", () => {
  test("finds it wherever it stands, and nothing that only looks like it", () => {
    for (const field of [
      "sid=v",
      "a=1; sid=v",
      "sid=v; a=1",
      "a=1;sid=v;b=2",
      "a=1;\tsid=v",
      " sid=v",
      "asid=1; sid=v; sidb=2",
      'a="sid=x"; sid=v',
    ]) {
      expect([field, readCookie(field, "sid")]).toEqual([field, "v"]);
    }
    for (const field of ["", "sid", "asid=v", "sidx=v", "a=sid=v", "Sid=v", "sid =v", "a=b sid=v"]) {
      expect([field, readCookie(field, "sid")]).toEqual([field, undefined]);
    }
    expect(readCookie("sid=", "sid")).toBe("");
    expect(readCookie(undefined, "sid")).toBeUndefined();
  });

  test("tells when there are two, in one line, in joined lines or in several", () => {
    for (const field of ["sid=a; sid=b", "sid=a;sid=a", "sid=a, sid=b", "sid=a; x=1,\tsid=b"])
      expect([field, readCookie(field, "sid")]).toEqual([field, false]);
    expect(readCookie(["sid=a", "sid=b"], "sid")).toBe(false);
    expect(readCookie(["x=1", "sid=b"], "sid")).toBe(false);
    expect(readCookie(["x=1", "y=2"], "sid")).toBeUndefined();
  });

  test("agrees with a parser that takes every cookie apart, whatever the text", () => {
    const piece = constantFrom("sid", "a", "=", ";", "; ", " ", "\t", "x", '"');
    assert(
      property(array(piece, { maxLength: 30 }), (pieces) => {
        const field = pieces.join("");
        const values = field
          .split(";")
          .map((part) => /^[ \t]*sid=(.*)$/s.exec(part)?.[1])
          .filter((value) => value !== undefined);
        const expected = values.length > 1 ? false : values[0]?.trim();
        expect(readCookie(field, "sid")).toBe(expected);
      }),
    );
  });
});

describe("writing a cookie", () => {
  test("is for this host only over https, and out of reach of scripts", () => {
    expect(writeCookie(cookieForm("https://a.example", "x"), "v", 60)).toBe(
      "__Host-x=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure",
    );
    expect(clearCookie(cookieForm("http://localhost:3000", "x"))).toBe("x=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
  });
});
