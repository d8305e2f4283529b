/** Whether a name is that of a number of bytes: `size`, `contentLength`, `x-amz-object-size`, `Bytes`. */
export function isSizeName(name: string): boolean {
  return /(?:^|[^a-z])(?:size|length|bytes)$|(?:content|file|object|total|upload|blob|body)(?:size|length|bytes)$/i.test(
    name.replace(/([a-z])([A-Z])/g, '$1_$2'),
  );
}
