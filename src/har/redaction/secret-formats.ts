/**
 * Formats that nothing but a secret has, with who publishes them. The first group is the secret; what stands before it
 * is what clients check, and stays.
 */
export const secretFormats: readonly RegExp[] = [
  // Amazon Web Services, "Understanding unique ID prefixes" (IAM user guide): access key ids
  /\b(?:AKIA|ASIA|ABIA|ACCA)([A-Z0-9]{16})\b/g,
  // Google Cloud, "API keys" and "OAuth 2.0": keys, access tokens, client secrets
  /\bAIza([A-Za-z0-9_-]{35})(?![A-Za-z0-9_-])/g,
  /\bya29\.([A-Za-z0-9_-]{30,})/g,
  /\bGOCSPX-([A-Za-z0-9_-]{28})(?![A-Za-z0-9_-])/g,
  // GitHub, "About authentication": token formats
  /\bgh[pousr]_([A-Za-z0-9]{30,})\b/g,
  /\bgithub_pat_([A-Za-z0-9_]{22,})\b/g,
  // GitLab, "Token overview": prefixes
  /\bgl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat|ffct)-([A-Za-z0-9_-]{20,})/g,
  // Slack, "Token types" and "Incoming webhooks"
  /\bxox[abeoprsc](?:\.xox[bp])?-([A-Za-z0-9-]{10,})/g,
  /\bxapp-(\d-[A-Za-z0-9-]{10,})/g,
  /hooks\.slack\.com\/(?:services|workflows|triggers)\/([A-Za-z0-9/_-]{20,})/g,
  // Stripe, "API keys" and "Webhooks"
  /\b(?:[sr]k_(?:live|test)|whsec)_([A-Za-z0-9+/=]{16,})/g,
  // SendGrid, Mailgun, Mailchimp, Twilio: API keys
  /\bSG\.([A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,})/g,
  /\bkey-([0-9a-f]{32})\b/g,
  /\b([0-9a-f]{32})-us\d{1,2}\b/g,
  /\bSK([0-9a-f]{32})\b/g,
  // npm, PyPI, RubyGems, Docker Hub, Hugging Face: access tokens
  /\bnpm_([A-Za-z0-9]{36})\b/g,
  /\bpypi-([A-Za-z0-9_-]{50,})/g,
  /\brubygems_([0-9a-f]{48})\b/g,
  /\bdckr_[a-z]{3}_([A-Za-z0-9_-]{27,})/g,
  /\bhf_([A-Za-z0-9]{30,})\b/g,
  // OpenAI and Anthropic: API keys
  /\bsk-(?:ant-)?(?:[a-z]{2,8}\d{0,2}-)?([A-Za-z0-9_-]{20,})/g,
  // DigitalOcean, Shopify, Square, Databricks, Postman, Linear, Figma, New Relic, Grafana
  /\bdo[opr]_v1_([0-9a-f]{64})\b/g,
  /\bshp(?:at|ca|pa|ss)_([0-9a-fA-F]{32})\b/g,
  /\b(?:sq0(?:atp|csp)-|EAAA)([A-Za-z0-9_-]{22,})/g,
  /\bdapi([0-9a-f]{32})\b/g,
  /\bPMAK-([0-9a-f]{24}-[0-9a-f]{34})\b/g,
  /\blin_(?:api|oauth)_([A-Za-z0-9]{32,})/g,
  /\bfigd_([A-Za-z0-9_-]{40,})/g,
  /\bNRAK-([A-Z0-9]{27})\b/g,
  /\bgl(?:c|sa)_([A-Za-z0-9_+/=]{30,})/g,
  // Telegram Bot API and Discord: bot tokens, webhooks
  /\b\d{8,10}:(AA[A-Za-z0-9_-]{33})(?![A-Za-z0-9_-])/g,
  /\b[MN][A-Za-z0-9]{23,25}\.([\w-]{6}\.[\w-]{27,})/g,
  /discord(?:app)?\.com\/api\/webhooks\/\d+\/([A-Za-z0-9_-]{30,})/g,
  // Microsoft: storage connection strings, shared access signatures, Teams webhooks
  /\b(?:AccountKey|SharedAccessKey|SharedAccessSignature)=([A-Za-z0-9+/%=&_-]{20,})/gi,
  /webhook\.office\.com\/webhookb2\/([A-Za-z0-9@/-]{40,})/g,
  // RFC 3986 §3.2.1: a password in a URL, as connection strings of databases have it
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/?#@"'<>]*:([^\s/?#@"'<>]{3,})@/gi,
  // ODBC and ADO.NET connection strings
  /(?<=[;"'\s]|^)(?:password|pwd)\s*=\s*([^;"'&\s<>]{3,})(?=;)/gi,
  // RFC 7468: private keys
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----([A-Za-z0-9+/=\s\\:,.()-]{40,}?)-----END/g,
  // RFC 6750, RFC 7617: credentials that are shown in a text
  /\b(?:Authorization\s*[:=]\s*)?Bearer\s+([A-Za-z0-9._~+/-]{16,}=*)/g,
];
