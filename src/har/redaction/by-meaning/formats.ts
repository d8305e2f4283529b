import { forLongTexts } from '../../../core/for-long-texts.js';
/** A format that gives a secret away wherever it stands. */
interface SecretFormat {
  name: string;
  /** Where the one who gives such secrets out describes them. */
  source: string;
  /** The source of a pattern that any text with one matches, made to be quick. */
  hint: string;
  /** Global. `secret` is what is replaced, or the whole match. */
  pattern: RegExp;
  /** What the secret begins with that says what it is, which clients check and which stays. */
  prefix?: RegExp;
}

/**
 * The formats that are known. Each is narrow: what it finds is nothing else. `source` names the page of its issuer (or
 * the list of one who looks for leaked secrets) that it is taken from.
 */
export const secretFormats: readonly SecretFormat[] = [
  {
    name: 'AWS access key id',
    source: 'AWS IAM User Guide, "IAM identifiers": unique id prefixes',
    hint: String.raw`A(?:KIA|SIA|BIA|CCA)[A-Z2-7]`,
    pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])/g,
    prefix: /^(?:AKIA|ASIA|ABIA|ACCA)/,
  },
  {
    name: 'Google API key',
    source: 'Google Cloud, "Manage API keys"; GitHub, "Supported secret scanning patterns"',
    hint: String.raw`AIza`,
    pattern: /(?<![\w-])AIza[\w-]{35}(?![\w-])/g,
    prefix: /^AIza/,
  },
  {
    name: 'Google OAuth token',
    source: 'Google Identity, "Using OAuth 2.0": access tokens, client secrets',
    hint: String.raw`ya29\.|GOCSPX-`,
    pattern: /(?<![\w-])(?:ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,})/g,
    prefix: /^(?:ya29\.|GOCSPX-)/,
  },
  {
    name: 'GitHub token',
    source: 'GitHub Docs, "About authentication to GitHub": token formats',
    hint: String.raw`gh[pousr]_|github_pat_`,
    pattern: /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_\w{22,255})/g,
    prefix: /^(?:gh[pousr]_|github_pat_)/,
  },
  {
    name: 'GitLab token',
    source: 'GitLab Docs, "Token overview": token prefixes',
    hint: String.raw`gl[a-z]{2,5}-`,
    pattern: /(?<![A-Za-z0-9])gl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat|ffct)-[\w-]{20,}/g,
    prefix: /^gl[a-z]+-/,
  },
  {
    name: 'Slack token',
    source: 'Slack API, "Token types"',
    hint: String.raw`xox[abeoprs]|xapp-`,
    pattern: /(?<![A-Za-z0-9])(?:xox[abeoprs](?:\.xox[bp])?|xapp)-[\w-]{10,}/g,
    prefix: /^(?:xox[abeoprs](?:\.xox[bp])?|xapp)-/,
  },
  {
    name: 'Stripe key',
    source: 'Stripe Docs, "API keys"; "Webhooks": signing secrets',
    hint: String.raw`[sr]k_(?:live|test)_|whsec_`,
    pattern: /(?<![A-Za-z0-9])(?:[sr]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,})/g,
    prefix: /^(?:[sr]k_(?:live|test)_|whsec_)/,
  },
  {
    name: 'SendGrid key',
    source: 'Twilio SendGrid Docs, "API keys"',
    hint: String.raw`SG\.`,
    pattern: /(?<![A-Za-z0-9])SG\.[\w-]{16,32}\.[\w-]{32,64}/g,
    prefix: /^SG\./,
  },
  {
    name: 'Twilio API key',
    source: 'Twilio Docs, "String identifier (SID)": SK',
    hint: String.raw`SK[0-9a-f]{8}`,
    pattern: /(?<![A-Za-z0-9])SK[0-9a-f]{32}(?![A-Za-z0-9])/g,
    prefix: /^SK/,
  },
  {
    name: 'npm token',
    source: 'GitHub Blog, "Announcing npm\'s new access token format"',
    hint: String.raw`npm_`,
    pattern: /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/g,
    prefix: /^npm_/,
  },
  {
    name: 'PyPI token',
    source: 'PyPI Help, "API tokens"',
    hint: String.raw`pypi-`,
    pattern: /(?<![A-Za-z0-9])pypi-[\w-]{32,}/g,
    prefix: /^pypi-/,
  },
  {
    name: 'Anthropic or OpenAI key',
    source: 'GitHub, "Supported secret scanning patterns": Anthropic, OpenAI',
    hint: String.raw`sk-`,
    pattern: /(?<![A-Za-z0-9])sk-(?:ant-[a-z0-9]+-|proj-|svcacct-|admin-)?(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{20,}/g,
    prefix: /^sk-(?:ant-[a-z0-9]+-|proj-|svcacct-|admin-)?/,
  },
  {
    name: 'Hugging Face token',
    source: 'Hugging Face Hub, "User access tokens"',
    hint: String.raw`hf_`,
    pattern: /(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30,}/g,
    prefix: /^hf_/,
  },
  {
    name: 'DigitalOcean token',
    source: 'DigitalOcean Docs, "Create a personal access token"',
    hint: String.raw`do[opr]_v1_`,
    pattern: /(?<![A-Za-z0-9])do[opr]_v1_[0-9a-f]{64}/g,
    prefix: /^do[opr]_v1_/,
  },
  {
    name: 'Shopify token',
    source: 'Shopify Changelog, "Length of the access token is changing": prefixes',
    hint: String.raw`shp[a-z]{2}_`,
    pattern: /(?<![A-Za-z0-9])shp(?:at|ca|pa|ss|ua)_[0-9A-Fa-f]{32}/g,
    prefix: /^shp[a-z]{2}_/,
  },
  {
    name: 'Square token',
    source: 'Square Developer, "Access tokens"',
    hint: String.raw`sq0[a-z]|EAAA`,
    pattern: /(?<![A-Za-z0-9])(?:sq0(?:atp|csp|idp)-[\w-]{22,}|EAAA[\w-]{60}(?![\w-]))/g,
    prefix: /^(?:sq0[a-z]{3}-|EAAA)/,
  },
  {
    name: 'Mailgun key',
    source: 'Mailgun Docs, "API keys"',
    hint: String.raw`key-[0-9a-f]`,
    pattern: /(?<![A-Za-z0-9-])key-[0-9a-f]{32}(?![A-Za-z0-9])/g,
    prefix: /^key-/,
  },
  {
    name: 'Telegram bot token',
    source: 'Telegram Bot API, "Authorizing your bot"',
    hint: String.raw`:AA`,
    pattern: /(?<![A-Za-z0-9]|:)(?:bot)?\d{8,10}:(?<secret>AA[\w-]{33})(?![\w-])/g,
    prefix: /^AA(?=[\w-]{33}$)/,
  },
  {
    name: 'Discord bot token',
    source: 'Discord Developer Docs, "Reference": authentication',
    hint: String.raw`\.[\w-]{6}\.[\w-]{27}`,
    pattern: /(?<![\w.-])[MNO][A-Za-z\d]{23,27}\.[\w-]{6}\.(?<secret>[\w-]{27,40})(?![\w.-])/g,
  },
  {
    name: 'token of a tool',
    source:
      'GitHub, "Supported secret scanning patterns": Linear, Notion, Databricks, Doppler, Postman, Vault, Figma, Atlassian',
    hint: String.raw`lin_api_|ntn_|secret_|dapi[0-9a-f]|dp\.[psc]t\.|PMAK-|hvs\.|figd_|ATATT3|dckr_pat_|rubygems_|glsa_|sntrys_`,
    pattern:
      /(?<![A-Za-z0-9])(?:lin_api_[A-Za-z0-9]{40}|ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43}|dapi[0-9a-f]{32}|dp\.(?:pt|st|ct)\.[\w.]{40,}|PMAK-[0-9a-f]{24}-[0-9a-f]{34}|hvs\.[\w-]{24,}|figd_[\w-]{40,}|ATATT3[\w=-]{40,}|dckr_pat_[\w-]{27}|rubygems_[0-9a-f]{48}|glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}|sntrys_[\w+/=-]{40,})/g,
    prefix:
      /^(?:lin_api_|ntn_|secret_(?=\w{43}$)|dapi(?=[\da-f]{32}$)|dp\.(?:pt|st|ct)\.|PMAK-|hvs\.|figd_|ATATT3|dckr_pat_|rubygems_|glsa_|sntrys_)/,
  },
  {
    name: 'token of a host or database',
    source:
      'GitHub, "Supported secret scanning patterns": Grafana Cloud, New Relic, PlanetScale, Supabase, Pulumi, Tailscale, HubSpot, Airtable, Dynatrace, Terraform, Fastly, Prefect, Netlify, Sourcegraph, Atlassian',
    hint: String.raw`glc_|NRAK-|pscale_|sb[ps]_|pul-|tskey-|pat-[a-z]{2}\d|pat[A-Za-z0-9]{14}\.|dt0c01\.|\.atlasv1\.|pnu_|nfp_|sgp_`,
    pattern:
      /(?<![A-Za-z0-9])(?:glc_[A-Za-z0-9+/]{32,}={0,2}|NRAK-[A-Z0-9]{27}|pscale_(?:tkn|pw|oauth)_[\w.-]{32,}|sbp_[0-9a-f]{40}|pul-[0-9a-f]{40}|tskey-[a-z]+-[A-Za-z0-9]+-[A-Za-z0-9]{16,}|pat-[a-z]{2}\d-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|pat[A-Za-z0-9]{14}\.[0-9a-f]{64}|dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}|[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}|pnu_[A-Za-z0-9]{36}|nfp_[A-Za-z0-9]{36}|sgp_(?:[\da-f]{16}_|local_)?[0-9a-f]{40})/g,
    prefix:
      /^(?:glc_|NRAK-(?=[A-Z0-9]{27}$)|pscale_(?:tkn|pw|oauth)_|sbp_(?=[\da-f]{40}$)|pul-(?=[\da-f]{40}$)|tskey-[a-z]+-|pat-[a-z]{2}\d-|pat(?=[A-Za-z0-9]{14}\.[\da-f]{64}$)|dt0c01\.|pnu_|nfp_|sgp_)/,
  },
  {
    name: 'key of a model or mail service',
    source:
      'GitHub, "Supported secret scanning patterns": Brevo, Replicate, Groq, Perplexity, xAI, Mapbox, Mailchimp, Meta; age-encryption.org/v1',
    hint: String.raw`xkeysib-|r8_|gsk_|pplx-|xai-|sk\.eyJ|[0-9a-f]{8}-us\d|EAA[A-Za-z0-9]{8}|AGE-SECRET`,
    pattern:
      /(?<![A-Za-z0-9])(?:xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}|r8_[A-Za-z0-9]{37}|gsk_[A-Za-z0-9]{40,}|pplx-[A-Za-z0-9]{40,}|xai-[A-Za-z0-9]{60,}|sk\.eyJ[\w-]{20,}\.[\w-]{20,}|[0-9a-f]{32}-us\d{1,2}(?![A-Za-z0-9])|EAA[A-Za-z0-9]{80,}|AGE-SECRET-KEY-1[A-Z0-9]{58})/g,
    prefix: /^(?:xkeysib-|r8_(?=\w{37}$)|gsk_|pplx-|xai-|sk\.(?=eyJ)|EAA(?=[A-Za-z0-9]{80})|AGE-SECRET-KEY-1)/,
  },
  {
    name: 'Azure key in a connection string',
    source: 'Microsoft Learn, "Configure Azure Storage connection strings"',
    hint: String.raw`[Kk](?:ey|EY)=`,
    pattern: /(?:AccountKey|SharedAccessKey|AccessKey|SharedSecretKey)=(?<secret>[A-Za-z0-9+/]{20,}={0,2})/gi,
  },
  {
    name: 'password in a connection string',
    source: 'Microsoft Learn, "Connection string syntax"',
    hint: String.raw`;\s{0,8}(?:[Pp](?:assword|wd)|P(?:ASSWORD|WD))`,
    pattern: /;\s*(?:password|pwd)\s*=\s*(?<secret>[^;"'\s\\<>&]{1,128})/gi,
  },
  {
    name: 'private key',
    source: 'RFC 7468, "Textual encodings"; RFC 4716; OpenSSH PROTOCOL.key; RFC 9580',
    hint: String.raw`PRIVATE KEY`,
    pattern:
      /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:(?:\s|\\[nrt])+(?:Proc-Type|DEK-Info|Version|Comment):[^\n\\]*)*(?<secret>[A-Za-z0-9+/=\s\\]{20,}?)-----END/g,
  },
  {
    name: 'Slack webhook',
    source: 'Slack API, "Sending messages using incoming webhooks"',
    hint: String.raw`hooks\.slack`,
    pattern:
      /hooks\.slack(?:-gov)?\.com\\?\/(?:services|workflows|triggers)(?:\\?\/[\w-]+){1,3}\\?\/(?<secret>[A-Za-z0-9]{16,})/g,
  },
  {
    name: 'Discord webhook',
    source: 'Discord Developer Docs, "Webhook resource"',
    hint: String.raw`webhooks`,
    pattern: /\/api\\?\/(?:v\d+\\?\/)?webhooks\\?\/\d{15,21}\\?\/(?<secret>[\w-]{40,})/g,
  },
  {
    name: 'Teams webhook',
    source: 'Microsoft Learn, "Create incoming webhooks"',
    hint: String.raw`[Ww]ebhook`,
    pattern: /\/(?:webhookb2|webhook)\\?\/[\w@-]+\\?\/IncomingWebhook\\?\/(?<secret>[0-9a-f]{32}(?:\\?\/[\w-]{36})?)/gi,
  },
  {
    name: 'password in a URL',
    source: 'RFC 3986 §3.2.1: user information',
    hint: String.raw`:\\?/\\?/[^/\s"'@]{0,300}@`,
    pattern:
      /(?<![A-Za-z0-9])[a-z][a-z0-9+.-]{1,30}:\\?\/\\?\/[^\s:@/?#"'<>\\]{0,128}:(?<secret>[^\s@/?#"'<>\\]{1,256})@/gi,
  },
  {
    name: 'credentials of a header in a text',
    source: 'RFC 6750 §2.1; RFC 7617 §2',
    hint: String.raw`[Bb]earer|BEARER|[Tt]oken |TOKEN `,
    pattern: /(?<![A-Za-z0-9])(?:Bearer|Token)(?:\s{1,4}|%20|\+)(?<secret>(?=[\w.~+/-]*\d)[\w.~+/-]{12,}={0,2})/gi,
  },
];

/** The signature of a JSON Web Token (RFC 7515 §3.1), without which it opens nothing. */
export const jwt = forLongTexts(/(?<![\w-])(eyJ[\w-]{5,}\.eyJ[\w-]{2,}\.)([\w-]{16,})/g);

/** An encrypted JSON Web Token (RFC 7516 §3.1) is its own key: all but its header goes. */
export const jwe = forLongTexts(/(?<![\w-])(eyJ[\w-]{10,}\.)([\w-]*\.[\w-]{8,}\.[\w-]{8,}\.[\w-]{16,})(?![\w-])/g);

/** How many characters at the beginning of a secret say what it is. */
export function keptPrefix(secret: string): number {
  for (const { prefix } of secretFormats) {
    const found = prefix?.exec(secret);
    if (found) return found[0].length;
  }
  return 0;
}

/** Whether a text may hold any of them: most hold none, which is seen in one go. */
export const mayHoldFormat = new RegExp(['eyJ', ...secretFormats.map(({ hint }) => hint)].join('|'));
