// Settings of the Latchkey server. Flags and LATCHKEY_* variables win over this file.
// Secrets do not belong here when this file is committed: use secretFile, or the environment.
export default {
  // port to listen on; 0: any free one. Allowed: a whole number from 0 to 65535. Default: 3000.
  // port: "3000",

  // address to listen on. Allowed: an address or a host name of this machine. Default: 127.0.0.1.
  // host: "127.0.0.1",

  // data folder: database, secret, socket for commands. Allowed: a path. Default: ./.latchkey.
  // data: "./.latchkey",

  // URL of this server as its clients know it. Allowed: an https URL without query, fragment and user; http on a loopback address only. Default: http://localhost:PORT.
  // issuer: "https://auth.example.com",

  // where durable state lives. Allowed: a postgres:// URL, or the path of an SQLite file. Default: latchkey.db in the data folder.
  // databaseUrl: process.env.LATCHKEY_DATABASE_URL,

  // short-lived state shared by several nodes. Allowed: a redis:// or rediss:// URL. Default: memory of the process.
  // redisUrl: process.env.LATCHKEY_REDIS_URL,

  // master secret. Allowed: at least 32 random bytes as text; several, comma-separated, newest first, to rotate. Default: in development the file secret in the data folder.
  // secret: process.env.LATCHKEY_SECRET,

  // file that holds the master secret. Allowed: the path of a file that only its owner can read (mode 0600). Default: none.
  // secretFile: "/run/secrets/latchkey",

  // proxies in front, whose X-Forwarded-For is believed. Allowed: addresses or ranges, comma-separated. Default: none.
  // trustProxy: "10.0.0.0/8,::1",

  // how API keys begin that were issued elsewhere and imported. Allowed: 2 to 40 letters, digits and . _ ~ - each, comma-separated. Default: none.
  // importedPrefixes: "sk_live_",

  // server that sends e-mail. Allowed: an smtp:// or smtps:// URL. Default: none.
  // smtpUrl: process.env.LATCHKEY_SMTP_URL,

  // least grave thing that is logged. Allowed: debug, info, warn, error or silent. Default: info.
  // logLevel: "info",

  // whether people may make accounts themselves. Allowed: on or off. Default: on.
  // signup: "off",

  // dynamic registration of OAuth clients. Allowed: off, token or open. Default: open in development, else off.
  // registration: "token",

  // token that registration asks for. Allowed: a text. Default: none.
  // registrationToken: process.env.LATCHKEY_REGISTRATION_TOKEN,

  // how long a replaced refresh token is taken for a lost answer, not for theft. Allowed: 0, or a whole number above 0 and a unit: ms, s, m, h or d. Default: 30s.
  // refreshGrace: "30s",

  // limits of attempts; off in development only. Allowed: pairs of a limit (signin-account, signin-address, signin-both, signin-global, signin-device, credential-address, credential) and a count, a slash and a window, or off for one or all. Default: credential-address=100/1m,credential=20/1m.
  // limits: "credential-address=100/1m,credential=20/1m",
};
