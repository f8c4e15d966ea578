// The smallest program that answers: what a start is compared with.
import { createServer } from "node:http";
import { sendHello } from "../fixtures/hello.mjs";

createServer((_request, response) => sendHello(response)).listen(Number(process.env.PORT), "127.0.0.1");
