/** Authorization of devices without a browser (RFC 8628): a person decides on another one, by a short code. */
export { createDevices, deviceLifeSeconds, type DeviceRequest, type Devices, type FoundDevice, pollSeconds } from "./devices.ts";
export { deviceTables } from "./table.ts";
export { readUserCode, shownUserCode } from "./user-code.ts";
