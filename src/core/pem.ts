/** Each certificate of these PEM texts once, in order; what stands between them (names, comments) is left out. */
export function distinctCertificates(texts: readonly string[]): string[] {
  const seen = new Set<string>();
  return texts.flatMap(splitPem).filter((pem) => {
    const content = certificateContent(pem);
    return !seen.has(content) && seen.add(content);
  });
}

/** The base64 of a PEM certificate, without armour and line ends: equal for equal certificates. */
export function certificateContent(pem: string): string {
  return pem.replace(/-----[A-Z0-9 ]+-----|\s/g, '');
}

function splitPem(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
