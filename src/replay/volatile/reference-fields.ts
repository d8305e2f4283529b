import { canonicalName } from './normalizers/index.js';

/** What a client makes for itself: its device, its run, its window. */
export const ownNames =
  /^(?:device|install|installation|client|session|visit|visitor|anonymous|anon|instance|connection|window|tab|page|view|screen|run|test|upload)(?:id|uuid|key|token)?$/;

/** What a client can only have been given: another one is another user's, or another thing. */
export const referenceNames =
  /^(?:to|from|src|dst|source|target|owner|payee|payer|recipient|sender|beneficiary|account|customer|user|member|tenant|parent|product|item|sku|post|article|thread|category|playlist|course|movie|film|book|song|store|shop|seller|vendor|merchant|employee|patient|doctor|coupon|voucher|promo|promotion|giftcard|discount|invite|invitation|assignee|author|manager|reviewer|approver|follower|followee|friend|candidate|driver|contact|task|invoice|booking|reservation|ticket|issue|serial|barcode|vin|imei|plate|licenseplate|licenceplate|licensekey|licencekey)(?:account|user|id|uuid|code|number|no)*$/;

/** What names a place in a list or a thing that was there, where something is asked for. */
export const thingNames =
  /^(?:(?:next|start|end|prev|previous)?(?:cursor|continuation|sync|scroll|marker)(?:token|id|key)?|(?:next|prev|previous)?page(?:token|cursor|key)|(?:next|start|continuation|resume)token|startafter|after|before|since|(?:file|document|doc|asset|image|photo|video|object|blob|folder|bucket|repo|repository|commit|base|head|ref|rev|revision|sha|share|invite|coupon|voucher|project|workspace|organi[sz]ation|org|team|group|channel|board|plan|subscription)(?:id|uuid|key|token|sha)?|ids?|uuids?|guid|key|code|query)$/;

/**
 * Whether a segment of a path is a thing that something is done to: another segment follows it, and what stands before
 * it is nothing of the client's own.
 */
export function isThingInPath(path: string, segment: string): boolean {
  const segments = path.split('/');
  const at = segments.indexOf(segment);
  if (at < 1 || at === segments.length - 1 || segments[at + 1] === '') return false;
  const kind = canonicalName(segments[at - 1] ?? '');
  return !ownNames.test(kind) && !ownNames.test(kind.replace(/s$/, ''));
}

const credentialNames =
  /^x?(?:api|access|auth|authorization|subscription|ocpapimsubscription|secret|app|application|functions?|licen[cs]e|admin|service)(?:key|token|secret)$/;

/**
 * Whether a field says who asks by what he was given before: another one is somebody else's. What protects a session
 * (CSRF tokens) and names a device or a run is the client's own.
 */
export function isCredential({ where, name }: { where: string; name: string }): boolean {
  if (/^header authorization (?:credentials|key|user|username|password)$/.test(where)) return true;
  return (where.startsWith('header ') || where.startsWith('query ')) && credentialNames.test(canonicalName(name));
}

/** Digests of what the request, or what it is about, holds. */
export const digestNames = /^(?:content)?(?:sha1|sha256|sha512|md5|crc32|checksum|digest|hash)(?:sum|hex)?$/;
