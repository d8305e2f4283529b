/** What a client makes for itself: its device, its run, its window. */
export const ownNames =
  /^(?:device|install|installation|client|session|visit|visitor|anonymous|anon|instance|connection|window|tab|page|view|screen|run|test|upload)(?:id|uuid|key|token)?$/;

/** What a client can only have been given: another one is another user's, or another thing. */
export const referenceNames =
  /^(?:to|from|src|dst|source|target|owner|payee|payer|recipient|sender|beneficiary|account|customer|user|member|tenant|parent|product|item|sku|post|article|thread|category|playlist|course|movie|film|book|song|store|shop|seller|vendor|merchant|employee|patient|doctor|coupon|voucher|promo|promotion|giftcard|discount|invite|invitation)(?:account|user|id|uuid|code)*$/;

/** What names a place in a list or a thing that was there, where something is asked for. */
export const thingNames =
  /^(?:(?:next|start|end|prev|previous)?(?:cursor|continuation|sync|scroll|marker)(?:token|id|key)?|(?:next|prev|previous)?page(?:token|cursor|key)|(?:next|start|continuation|resume)token|startafter|after|before|since|(?:file|document|doc|asset|image|photo|video|object|blob|folder|bucket|repo|repository|commit|base|head|ref|rev|revision|sha|share|invite|coupon|voucher|project|workspace|organi[sz]ation|org|team|group|channel|board|plan|subscription)(?:id|uuid|key|token|sha)?)$/;

/** Digests of what the request, or what it is about, holds. */
export const digestNames = /^(?:content)?(?:sha1|sha256|sha512|md5|crc32|checksum|digest|hash)(?:sum|hex)?$/;
