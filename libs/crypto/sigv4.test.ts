import { expect, test } from 'vitest'
import { signV4 } from './sigv4.js'

// The examples of «Authenticating Requests (AWS Signature Version 4)» of Amazon S3, with the credentials that its documentation made up.
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const KEY = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: SECRET, region: 'us-east-1', service: 's3' }
const NOW = new Date('2013-05-24T00:00:00Z')
const at = (path: string) => new URL(path, 'https://examplebucket.s3.amazonaws.com')

test.each([
  [
    'GET with a range',
    { method: 'GET', url: at('/test.txt'), body: '', headers: { range: 'bytes=0-9' } },
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'PUT',
    {
      method: 'PUT', url: at('/test%24file.text'), body: 'Welcome to Amazon S3.',
      headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
    },
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  [
    'GET with a query that has no value',
    { method: 'GET', url: at('/?lifecycle'), body: '' },
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    'a list',
    { method: 'GET', url: at('/?max-keys=2&prefix=J'), body: '' },
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
])('%s is signed as Amazon says', (_what, request, signature) => {
  expect(signV4({ ...request, ...KEY }, NOW)['authorization']).toMatch(new RegExp(`,Signature=${signature}$`))
})
