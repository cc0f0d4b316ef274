// Which tests of the suite we hold ourselves to, and which are contrary to RFC 9111: the suite is of the days of RFC 7234.

/** A test contrary to the RFC, or that no cache can pass, and why. */
export interface Obsolete {
  readonly ids: readonly string[]
  readonly because: string
}

function ids(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}

/** Freshness, field parsing, `Vary`, conditionals, 304 updates, invalidation, authorization, statuses. */
const required = ids(`
  freshness-max-age-0 freshness-max-age-age freshness-max-age-0-expires freshness-max-age-negative
  freshness-s-maxage-shared freshness-max-age-s-maxage-shared-longer freshness-max-age-s-maxage-shared-longer-reversed
  freshness-max-age-s-maxage-shared-longer-multiple freshness-max-age-single-quoted freshness-max-age-ignore-quoted
  freshness-max-age-ignore-quoted-rev freshness-max-age-ignore-quoted-all freshness-max-age-ignore-quoted-all-rev
  freshness-max-age-leading-zero age-parse-suffix age-parse-prefix age-parse-suffix-twoline age-parse-parameter
  age-parse-numeric-parameter freshness-expires-past freshness-expires-present freshness-expires-old-date
  freshness-expires-invalid freshness-expires-age-slow-date freshness-expires-age-fast-date cc-resp-private-shared
  cc-resp-no-store cc-resp-no-store-case-insensitive cc-resp-no-store-fresh cc-resp-no-cache
  cc-resp-no-cache-case-insensitive cc-resp-must-revalidate-stale heuristic-201-not_cached heuristic-202-not_cached
  heuristic-403-not_cached heuristic-502-not_cached heuristic-503-not_cached heuristic-504-not_cached
  heuristic-599-not_cached status-200-stale status-203-stale status-204-stale status-299-stale status-301-stale
  status-302-stale status-303-stale status-307-stale status-308-stale status-400-stale status-404-stale
  status-410-stale status-499-stale status-500-stale status-502-stale status-503-stale status-504-stale
  status-599-stale status-599-must-understand vary-no-match vary-omit-stored vary-omit vary-2-no-match
  vary-2-match-omit vary-3-no-match vary-3-order vary-star vary-syntax-star vary-syntax-star-star
  vary-syntax-star-star-lines vary-syntax-empty-star vary-syntax-empty-star-lines vary-syntax-star-foo
  vary-syntax-foo-star conditional-304-etag conditional-etag-precedence conditional-etag-vary-headers
  headers-omit-headers-listed-in-Connection headers-store-Test-Header headers-store-X-Test-Header
  headers-store-Content-Foo headers-store-X-Content-Foo headers-store-Cache-Control headers-store-Connection
  headers-store-Content-Encoding headers-store-Content-Length headers-store-Content-Location headers-store-Content-MD5
  headers-store-Content-Range headers-store-Content-Security-Policy headers-store-Content-Type
  headers-store-Clear-Site-Data headers-store-ETag headers-store-Expires headers-store-Keep-Alive
  headers-store-Proxy-Authenticate headers-store-Proxy-Authentication-Info headers-store-Proxy-Authorization
  headers-store-Proxy-Connection headers-store-Public-Key-Pins headers-store-Set-Cookie2 headers-store-TE
  headers-store-Transfer-Encoding headers-store-Upgrade headers-store-X-Frame-Options headers-store-X-XSS-Protection
  304-lm-use-stored-Test-Header 304-etag-update-response-Test-Header 304-etag-update-response-X-Test-Header
  304-etag-update-response-Content-Foo 304-etag-update-response-X-Content-Foo 304-etag-update-response-Cache-Control
  304-etag-update-response-Content-Length 304-etag-update-response-Content-Location
  304-etag-update-response-Content-Security-Policy 304-etag-update-response-Content-Type
  304-etag-update-response-Clear-Site-Data 304-etag-update-response-Expires 304-etag-update-response-Public-Key-Pins
  304-etag-update-response-Set-Cookie2 304-etag-update-response-X-Frame-Options
  304-etag-update-response-X-XSS-Protection invalidate-POST invalidate-PUT invalidate-DELETE invalidate-M-SEARCH
  invalidate-POST-location invalidate-PUT-location invalidate-DELETE-location invalidate-M-SEARCH-location
  invalidate-POST-cl invalidate-PUT-cl invalidate-DELETE-cl invalidate-M-SEARCH-cl partial-use-headers
  other-authorization other-age-gen other-age-update-expires other-age-update-max-age other-date-update
  query-args-different
`)

/** Reuse where it is allowed, 304s and ranges of our own, revalidation. */
const optimal = ids(`
  freshness-max-age freshness-max-age-max-minus-1 freshness-max-age-max freshness-max-age-max-plus-1
  freshness-max-age-max-plus freshness-max-age-expires freshness-max-age-expires-invalid freshness-max-age-extension
  freshness-max-age-case-insenstive freshness-max-age-s-maxage-shared-shorter
  freshness-max-age-s-maxage-shared-shorter-expires freshness-expires-future freshness-expires-invalid-date
  cc-resp-no-cache-revalidate cc-resp-no-cache-revalidate-fresh cc-resp-must-revalidate-fresh status-200-fresh
  status-203-fresh status-204-fresh status-299-fresh status-301-fresh status-302-fresh status-303-fresh
  status-307-fresh status-308-fresh status-400-fresh status-404-fresh status-410-fresh status-499-fresh
  status-500-fresh status-502-fresh status-503-fresh status-504-fresh status-599-fresh vary-match vary-invalidate
  vary-cache-key vary-2-match vary-3-match vary-3-omit vary-normalise-combine conditional-lm-fresh
  conditional-lm-fresh-earlier conditional-lm-stale conditional-lm-fresh-rfc850 conditional-etag-strong-respond
  conditional-etag-weak-respond conditional-etag-strong-respond-multiple-first
  conditional-etag-strong-respond-multiple-second conditional-etag-strong-respond-multiple-last
  conditional-etag-strong-generate conditional-etag-weak-generate-weak invalidate-POST-failed invalidate-PUT-failed
  invalidate-DELETE-failed invalidate-M-SEARCH-failed partial-store-complete-reuse-partial
  partial-store-complete-reuse-partial-no-last partial-store-complete-reuse-partial-suffix other-authorization-public
  other-authorization-must-revalidate other-authorization-smaxage query-args-same other-cookie
`)

/** Stored `Set-Cookie`. */
const setCookie = ids(`
  headers-store-Set-Cookie 304-etag-update-response-Set-Cookie other-set-cookie
`)

/** Freshness that nobody named. */
const heuristic = ids(`
  heuristic-200-cached heuristic-203-cached heuristic-204-cached heuristic-404-cached heuristic-405-cached
  heuristic-410-cached heuristic-414-cached heuristic-501-cached heuristic-599-cached
`)

/** Fields for caches of one kind. */
const targeted = ids(`
  surrogate-max-age surrogate-max-age-max surrogate-max-age-max-plus surrogate-max-age-me-target
  surrogate-max-age-other-target surrogate-max-age-age surrogate-max-age-0 surrogate-max-age-extension
  surrogate-max-age-case-insensitive surrogate-max-age-expires surrogate-max-age-cc-max-age-invalid-expires
  surrogate-max-age-0-expires surrogate-max-age-short-cc-max-age surrogate-max-age-long-cc-max-age surrogate-no-store
  surrogate-no-store-cc-fresh surrogate-fresh-cc-nostore
`)

/** Languages normalised, POST answers reused, partial answers stored and combined: told, not held. */
const luxury = ids(`
  method-POST vary-normalise-lang-order vary-normalise-lang-case vary-normalise-lang-space vary-normalise-lang-select
  vary-normalise-space conditional-lm-fresh-no-lm partial-store-partial-reuse-partial
  partial-store-partial-reuse-partial-byterange partial-store-partial-reuse-partial-absent
  partial-store-partial-reuse-partial-suffix partial-store-partial-complete
`)

/** Lists by name, as tables show them. */
export const lists = { required, optimal, setCookie, heuristic, targeted, luxury } as const

export type ListName = keyof typeof lists

export const obsolete: readonly Obsolete[] = [
  {
    ids: ids('age-parse-nonnumeric age-parse-negative age-parse-float'),
    because: 'an Age that is no number of seconds is to be ignored, not to be taken for a great age (RFC 9111 §5.1)',
  },
  {
    ids: ids('age-parse-prefix-twoline age-parse-dup-0 age-parse-dup-0-twoline age-parse-dup-old'),
    because: 'of several ages the first counts, and here it is one that leaves the answer fresh (RFC 9111 §5.1)',
  },
  {
    ids: ids('stale-close-must-revalidate stale-close-proxy-revalidate stale-close-no-cache stale-close-s-maxage=2'),
    because:
      'the origin breaks off, so the cache must answer with an error (RFC 9111 §5.2.2.2), yet only a 200 of the origin passes',
  },
  {
    ids: ids(
      '304-etag-update-response-Content-Encoding 304-etag-update-response-Content-MD5 304-etag-update-response-Content-Range',
    ),
    because: 'a 304 replaces every stored field but Content-Length and those that are not stored (RFC 9111 §3.2)',
  },
  {
    ids: ids('304-etag-update-response-ETag'),
    because: 'a 304 with another strong ETag confirms no stored answer and may freshen none (RFC 9111 §4.3.4)',
  },
]
