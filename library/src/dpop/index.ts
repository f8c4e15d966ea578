/** DPoP (RFC 9449): proof that whoever sends a token holds the key it is bound to. Of use to the gate, the token endpoint and APIs elsewhere. */
export { type BoundRequest, createBinding } from "./binding.ts";
export { createDpop, type Dpop, type DpopParts, type DpopProof, type ProofQuestion } from "./dpop.ts";
export { createNonces, type Nonces } from "./nonces.ts";
export { type DpopOptions, type DpopSettings, readDpopOptions } from "./options.ts";
export { dpopAlgorithms } from "./public-key.ts";
export { dpopRefusals } from "./refusals.ts";
