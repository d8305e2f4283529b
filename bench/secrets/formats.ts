import type { Chance } from './chance.js';

/** A format that gives a secret away wherever it stands: the text, and the part that nobody may read. */
export interface FormatKind {
  name: string;
  make: (chance: Chance) => { text: string; secret: string };
}

const prefixed = (name: string, prefix: string, rest: (chance: Chance) => string): FormatKind => ({
  name,
  make: (chance) => {
    const secret = rest(chance);
    return { text: prefix + secret, secret };
  },
});
const base62 =
  (length: number) =>
  (chance: Chance): string =>
    chance.base62(length);
const hex =
  (length: number) =>
  (chance: Chance): string =>
    chance.hex(length);
const upper32 =
  (length: number) =>
  (chance: Chance): string =>
    chance.text('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', length);

export const formatKinds: readonly FormatKind[] = [
  prefixed('AWS access key id', 'AKIA', upper32(16)),
  prefixed('AWS temporary key id', 'ASIA', upper32(16)),
  prefixed('Google API key', 'AIza', base62(35)),
  prefixed('Google access token', 'ya29.', base62(120)),
  prefixed('Google client secret', 'GOCSPX-', base62(28)),
  prefixed('GitHub token', 'ghp_', base62(36)),
  prefixed('GitHub app token', 'ghs_', base62(36)),
  prefixed('GitHub fine-grained token', 'github_pat_', (c) => `${c.base62(22)}_${c.base62(59)}`),
  prefixed('GitLab token', 'glpat-', base62(20)),
  prefixed('GitLab runner token', 'glrt-', base62(20)),
  prefixed('Slack bot token', 'xoxb-', (c) => `${c.digits(12)}-${c.digits(12)}-${c.base62(24)}`),
  prefixed('Slack app token', 'xapp-1-', (c) => `A${c.base62(10)}-${c.digits(13)}-${c.hex(64)}`),
  prefixed('Stripe live key', 'sk_live_', base62(24)),
  prefixed('Stripe restricted key', 'rk_live_', base62(24)),
  prefixed('Stripe webhook secret', 'whsec_', base62(32)),
  prefixed('SendGrid key', 'SG.', (c) => `${c.base62(22)}.${c.base62(43)}`),
  prefixed('Twilio API key', 'SK', hex(32)),
  prefixed('npm token', 'npm_', base62(36)),
  prefixed('PyPI token', 'pypi-', (c) => `AgEIcHlwaS5vcmc${c.base62(120)}`),
  prefixed('OpenAI key', 'sk-proj-', base62(48)),
  prefixed('Anthropic key', 'sk-ant-api03-', base62(80)),
  prefixed('Hugging Face token', 'hf_', base62(34)),
  prefixed('DigitalOcean token', 'dop_v1_', hex(64)),
  prefixed('Shopify token', 'shpat_', hex(32)),
  prefixed('Square token', 'sq0atp-', base62(22)),
  prefixed('Mailgun key', 'key-', hex(32)),
  prefixed('Linear key', 'lin_api_', base62(40)),
  prefixed('Databricks token', 'dapi', hex(32)),
  prefixed('Doppler token', 'dp.pt.', base62(43)),
  prefixed('Postman key', 'PMAK-', (c) => `${c.hex(24)}-${c.hex(34)}`),
  prefixed('Vault token', 'hvs.', base62(92)),
  prefixed('Figma token', 'figd_', base62(40)),
  prefixed('Docker token', 'dckr_pat_', base62(27)),
  prefixed('RubyGems key', 'rubygems_', hex(48)),
  prefixed('Grafana token', 'glsa_', (c) => `${c.base62(32)}_${c.hex(8)}`),
  // issuers beside those
  prefixed('Grafana Cloud token', 'glc_', (c) => Buffer.from(c.base62(60)).toString('base64')),
  prefixed('New Relic key', 'NRAK-', upper32(27)),
  prefixed('Mapbox secret token', 'sk.', (c) => {
    const claims = Buffer.from(JSON.stringify({ u: c.word(3), a: c.base62(25) })).toString('base64url');
    return `${claims}.${c.base62(22)}`;
  }),
  prefixed('PlanetScale token', 'pscale_tkn_', base62(43)),
  prefixed('Supabase token', 'sbp_', hex(40)),
  prefixed('Brevo key', 'xkeysib-', (c) => `${c.hex(64)}-${c.base62(16)}`),
  prefixed('Pulumi token', 'pul-', hex(40)),
  prefixed('Replicate token', 'r8_', base62(37)),
  prefixed('Groq key', 'gsk_', base62(52)),
  prefixed('Tailscale key', 'tskey-auth-', (c) => `${c.base62(12)}-${c.base62(32)}`),
  prefixed('HubSpot token', 'pat-na1-', (c) => c.uuid()),
  prefixed('Airtable token', 'pat', (c) => `${c.base62(14)}.${c.hex(64)}`),
  prefixed('age key', 'AGE-SECRET-KEY-1', (c) => c.text('QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L', 58)),
  prefixed('Dynatrace token', 'dt0c01.', (c) => `${upper32(24)(c)}.${upper32(64)(c)}`),
  prefixed('Terraform Cloud token', '', (c) => `${c.base62(14)}.atlasv1.${c.base62(67)}`),
  prefixed('Mailchimp key', '', (c) => `${c.hex(32)}-us${c.between(1, 21)}`),
  prefixed('Facebook token', 'EAAC', (c) => c.base62(150)),
  {
    name: 'Telegram bot token',
    make: (c) => {
      const secret = `AA${c.base62(33)}`;
      return { text: `${c.digits(10)}:${secret}`, secret };
    },
  },
  {
    name: 'JWT',
    make: (c) => {
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const secret = c.bytes(32).toString('base64url');
      return { text: `${part({ alg: 'HS256' })}.${part({ sub: c.word(3) })}.${secret}`, secret };
    },
  },
  {
    name: 'PEM private key',
    make: (c) => {
      const secret = c.bytes(150).toString('base64').replace(/.{64}/g, '$&\n');
      return { text: `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`, secret: secret.slice(0, 60) };
    },
  },
  {
    name: 'Azure storage connection string',
    make: (c) => {
      const secret = c.bytes(64).toString('base64');
      return {
        text: `DefaultEndpointsProtocol=https;AccountName=${c.word(3)};AccountKey=${secret};EndpointSuffix=core.windows.net`,
        secret,
      };
    },
  },
  {
    name: 'ADO.NET connection string',
    make: (c) => {
      const secret = `${c.word(3)}${c.digits(4)}`;
      return { text: `Server=db.internal;Database=shop;User Id=app;Password=${secret};Encrypt=True`, secret };
    },
  },
  {
    name: 'Slack webhook',
    make: (c) => {
      const secret = c.base62(24);
      return { text: `https://hooks.slack.com/services/T${upper32(8)(c)}/B${upper32(8)(c)}/${secret}`, secret };
    },
  },
  {
    name: 'Discord webhook',
    make: (c) => {
      const secret = c.base62(68);
      return { text: `https://discord.com/api/webhooks/${c.digits(18)}/${secret}`, secret };
    },
  },
  {
    name: 'Teams webhook',
    make: (c) => {
      const secret = c.hex(32);
      return {
        text: `https://acme.webhook.office.com/webhookb2/${c.uuid()}@${c.uuid()}/IncomingWebhook/${secret}/${c.uuid()}`,
        secret,
      };
    },
  },
  ...['postgres', 'mongodb+srv', 'amqps', 'redis', 'https', 'smtp'].map((scheme) => ({
    name: `password in a URL of ${scheme}`,
    make: (c: Chance) => {
      const secret = c.yes(0.5) ? `${c.word(3)}${c.digits(3)}` : c.base62(18);
      return { text: `${scheme}://${c.word(2)}:${secret}@db.internal:5432/shop`, secret };
    },
  })),
  {
    name: 'credentials in a line of a log',
    make: (c) => {
      const secret = c.base62(40);
      return { text: `> Authorization: Bearer ${secret}`, secret };
    },
  },
];
