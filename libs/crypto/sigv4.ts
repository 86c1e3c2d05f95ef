import { createHash } from 'node:crypto'
import { hmacSha256 } from './hmac.js'

export interface SigV4Request {
  method: string
  url: URL
  body: string
  region: string
  service: string
  accessKeyId: string
  secretAccessKey: string
  /** Beside `host`, `x-amz-date` and `x-amz-content-sha256`, which are made here. Names in lower case. */
  headers?: Record<string, string>
}

/**
 * The headers that sign a request in AWS Signature Version 4 (docs.aws.amazon.com, «Create a signed AWS API request»), as S3 and the stores
 * of its shape take it: the path is encoded once, the body is signed with it.
 */
export function signV4(request: SigV4Request, now: Date): Record<string, string> {
  const { method, url, body, region, service, accessKeyId, secretAccessKey, headers = {} } = request
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`
  const digest = sha256(body)
  const signed: Record<string, string> = { ...headers, host: url.host, 'x-amz-content-sha256': digest, 'x-amz-date': time }
  const names = Object.keys(signed).toSorted()
  const query = [...url.searchParams].map(([name, value]) => `${encoded(name)}=${encoded(value)}`).toSorted()
  const canonical = [
    method,
    url.pathname.split('/').map((part) => encoded(decodeURIComponent(part))).join('/'),
    query.join('&'),
    ...names.map((name) => `${name}:${signed[name]!.trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    digest,
  ].join('\n')
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')
  const key = scope.split('/').reduce<Buffer>((by, part) => hmacSha256(by, part), Buffer.from(`AWS4${secretAccessKey}`))
  const signature = hmacSha256(key, text).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope},SignedHeaders=${names.join(';')},Signature=${signature}`
  const { host: _set, ...sent } = signed
  return { ...sent, authorization }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** RFC 3986: what `encodeURIComponent` leaves besides is encoded too. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}
