// TLS of the server itself, and client certificates, from its own connections or a proxy's header.
import { oneOf, paths, text } from "./forms.ts";
import { setting } from "./setting.ts";

export const tlsSettings = {
  tlsCert: setting({
    environment: "LATCHKEY_TLS_CERT",
    flag: "tls-cert",
    value: "FILE",
    schema: text,
    allowed: "the path of a PEM file: the server's certificate, then its intermediates",
    example: "/etc/latchkey/tls/fullchain.pem",
    describe: "certificate of this server, which then listens by https",
    otherwise: "none: plain http",
  }),
  tlsKey: setting({
    environment: "LATCHKEY_TLS_KEY",
    flag: "tls-key",
    value: "FILE",
    schema: text,
    allowed: "the path of a PEM file: the private key of the certificate, not encrypted",
    example: "/etc/latchkey/tls/key.pem",
    describe: "private key of the certificate",
    otherwise: "none",
  }),
  clientCa: setting({
    environment: "LATCHKEY_CLIENT_CA",
    flag: "client-ca",
    value: "FILE",
    schema: text,
    allowed: "the path of a PEM file: certificates of your own authorities",
    example: "/etc/latchkey/clients-ca.pem",
    describe: "authorities whose client certificates are taken",
    otherwise: "none: client certificates are not asked for",
  }),
  clientCertificates: setting({
    environment: "LATCHKEY_CLIENT_CERTIFICATES",
    flag: "client-certificates",
    value: "FILE",
    schema: text,
    allowed: "the path of a JSON file: a list of who is known by which name of a certificate",
    example: "/etc/latchkey/clients.json",
    describe: "whose certificates they are",
    otherwise: "none: they prove no more than tokens bound to them",
  }),
  clientRevoked: setting({
    environment: "LATCHKEY_CLIENT_REVOKED",
    flag: "client-revoked",
    value: "FILES",
    schema: paths,
    allowed:
      "paths of files, comma-separated: lists of your authorities (CRL), or thumbprints or serial numbers in hexadecimal, one a line",
    example: "/etc/latchkey/revoked.pem",
    describe: "client certificates that are refused although they are valid",
    otherwise: "none",
  }),
  clientCertificateHeader: setting({
    environment: "LATCHKEY_CLIENT_CERTIFICATE_HEADER",
    value: "FORM",
    schema: oneOf("client-cert", "nginx", "envoy", "traefik"),
    allowed: "client-cert, nginx, envoy or traefik",
    example: "client-cert",
    describe: "how the proxies of LATCHKEY_TRUST_PROXY pass client certificates on",
    otherwise: "they do not",
  }),
} as const;
