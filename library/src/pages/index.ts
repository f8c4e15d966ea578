/** Pages for people: server-rendered, without a script. Each form is done by the endpoint of the API. */
export { contrast, type PageOptions, readBrand, type Brand } from "./brand.ts";
export { formPostPage } from "./form-post.ts";
export { createPages, type PageParts } from "./pages.ts";
export { returnPath } from "./return-path.ts";
export { wantsPage } from "./site.ts";
