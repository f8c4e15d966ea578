/** The settings of the server: what there is, where they come from, and what may not stand together. */
export { type Configuration, hostOf, issuerOn, lacksTls, localUrl, readConfiguration } from "./configuration.ts";
export { makeDataFolder, makeSecretFile } from "./data-folder.ts";
export { configFileNames } from "./file.ts";
export { isLoopback } from "./forms.ts";
export { dataOptions, serveOptions } from "./options.ts";
export { bySetting } from "./named-option.ts";
export { describeConfiguration, printConfiguration } from "./print.ts";
export { readSecrets } from "./secret.ts";
export type { Setting } from "./setting.ts";
export { type SettingKey, settings } from "./settings.ts";
