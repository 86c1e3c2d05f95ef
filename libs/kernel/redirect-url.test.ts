import { describe, expect, test } from 'vitest'
import { isAllowedRedirect, isRedirectPattern } from './redirect-url.js'

const settings = {
  site_url: 'https://app.example',
  redirect_urls: [
    'https://app.example/auth/callback',
    'http://localhost:3000/cb',
    'https://app.example/cb?x=1',
    'https://*.preview.example.com/cb',
    'https://app.example/#/auth/callback',
    'https://app.example/index.html?v=2#!/done',
    'myapp://callback',
    'com.example.app:/oauth2redirect',
    // As settings of an earlier release, or a hand in the table, may hold them: what is no good redirect leads nowhere.
    'javascript://app.example/%0aalert(1)',
    'data:/text/html,x',
    'https://app.example/cb#token',
  ],
}

describe('where a sign-in may lead', () => {
  test.each([
    'https://app.example',
    'https://app.example/',
    'https://app.example/auth/callback',
    'http://localhost:3000/cb',
    'https://app.example/cb?x=1',
    'https://pr-17.preview.example.com/cb',
    'https://app.example/#/auth/callback',
    'https://app.example/index.html?v=2#!/done',
    'myapp://callback',
    'com.example.app:/oauth2redirect',
  ])('%s is allowed', (url) => {
    expect(isAllowedRedirect(settings, url)).toBe(true)
  })

  test.each([
    'https://app.example.evil.com',
    'https://app.example@evil.com/',
    'https://evil.com/https://app.example/auth/callback',
    'https://app.example:8443/auth/callback',
    'http://app.example/auth/callback',
    'https://app.example/auth/callback/',
    'https://app.example/auth/callback?next=//evil.com',
    'https://app.example/auth/callback#fragment',
    'https://app.example/auth/callback#',
    'https://app.example/auth/../auth/callback',
    'https://app.example/auth/%63allback',
    'https://app.example/auth/Callback',
    'https://APP.example/auth/callback',
    'https://app.example./auth/callback',
    'https:\\\\app.example/auth/callback',
    'https://app.example\\@evil.com/auth/callback',
    'https://app.example/\tauth/callback',
    ' https://app.example/auth/callback',
    'https:app.example/auth/callback',
    '//app.example/auth/callback',
    '/auth/callback',
    'javascript:alert(1)',
    'https://аpp.example/auth/callback',
    'https://xappxexample/auth/callback',
    'http://localhost:3001/cb',
    'https://preview.example.com/cb',
    'https://a.b.preview.example.com/cb',
    'https://.preview.example.com/cb',
    'https://evil.com/.preview.example.com/cb',
    'https://evil.com?.preview.example.com/cb',
    'https://x.preview.example.com.evil.com/cb',
    'https://x.preview.example.com/cb/deeper',
    'https://x.preview.example.com:444/cb',
    'http://x.preview.example.com/cb',
    'https://u@x.preview.example.com/cb',
    'https://*.preview.example.com/cb',
    'https://app.example/#/auth/callback/',
    'https://app.example/#/auth/callback?x=1',
    'https://app.example/#/auth',
    'https://app.example/#',
    'https://app.example#/auth/callback',
    'https://app.example/?#/auth/callback',
    'https://app.example/#//evil.com',
    'https://evil.com/#/auth/callback',
    'https://pr-17.preview.example.com/cb#/x',
    'https://app.example/cb#token',
    'myapp://callback/',
    'myapp://callback?x=1',
    'myapp://callback#x',
    'myapp://callback.evil',
    'myapp://',
    'myapp:callback',
    'myapp:/callback',
    'MyApp://callback',
    'myapp://u@callback',
    'myapp2://callback',
    'com.example.app:/oauth2redirect/deeper',
    'com.example.app://oauth2redirect',
    'javascript://app.example/%0aalert(1)',
    'data:/text/html,x',
    '',
  ])('the lookalike %j is refused', (url) => {
    expect(isAllowedRedirect(settings, url)).toBe(false)
  })

  test.each([
    's3.amazonaws.com',
    's3.eu-west-1.amazonaws.com',
    's3-website.eu-central-1.amazonaws.com',
    'compute.amazonaws.com',
    'eu-west-1.compute.amazonaws.com',
    'us-west-2.elb.amazonaws.com',
    'eu-west-1.elasticbeanstalk.com',
    'blob.core.windows.net',
    'web.core.windows.net',
    'azurewebsites.net',
    '2.azurestaticapps.net',
    'auth.us-east-1.amazoncognito.com',
    'a.run.app',
    'github.io',
    'co.uk',
    'vercel.app',
    'pages.dev',
    'herokuapp.com',
    'any.ck',
    'k12.ca.us',
  ])('no wildcard directly under the public suffix %s', (suffix) => {
    for (const end of ['', '/', '/cb', ':8443/cb']) expect([end, isRedirectPattern(`https://*.${suffix}${end}`)]).toEqual([end, false])
    expect(isAllowedRedirect({ site_url: null, redirect_urls: [`https://*.${suffix}/`] }, `https://evil.${suffix}/`)).toBe(false)
  })

  test('a wildcard may stand under a name that has one owner', () => {
    for (const good of [
      'previews.shop.s3.amazonaws.com',
      'preview.me.github.io',
      'preview.shop.co.uk',
      'pr.my-app.pages.dev',
      'preview.xn--mnchen-3ya.example',
    ]) {
      expect([good, isRedirectPattern(`https://*.${good}`)]).toEqual([good, true])
    }
  })

  test.each(['myapp://callback', 'com.example.app:/cb', 'exp+my-app://expo-development-client/', 'fb123456://authorize', 'x://y'])(
    'an app may be named by its scheme: %s',
    (url) => {
      expect(isRedirectPattern(url)).toBe(url !== 'x://y')
    },
  )

  test.each([
    'javascript:alert(1)',
    'javascript:/alert(1)',
    'javascript://%0aalert(1)',
    'JavaScript://x',
    'java\tscript://x',
    'vbscript://x',
    'data:text/html,<script>alert(1)</script>',
    'data:/x',
    'blob:https://app.example/1',
    'file:///etc/passwd',
    'about:/blank',
    'view-source:/x',
    'http://app.example/',
    'http:/app.example',
    'httpx://app.example',
    'http+app://x',
    'ws://app.example',
    'intent://scan/#Intent;scheme=zxing;end',
    'intent:/x',
    'ms-msdt:/id',
    'chrome-extension://abc/',
    'mailto:/a@b.c',
    'myapp:callback',
    'myapp://call"back',
    'myapp://call<back',
    'myapp://call\nback',
    'myapp://call back',
    'myapp://*',
    'myapp://*.example',
    '1app://x',
    '://x',
    'https://*.preview.example.com/#/x',
    'https://app.example/#x',
    'https://app.example/#/<script>',
    'https://app.example/#/"x',
    'https://u:p@app.example/#/x',
    'http://app.example/#/x',
  ])('%j is neither a page nor an app', (url) => {
    expect(isRedirectPattern(url)).toBe(false)
    expect(isAllowedRedirect({ site_url: null, redirect_urls: [url] }, url)).toBe(false)
  })

  test('the wildcard stands for one label, over at least three fixed ones', () => {
    for (const good of ['https://*.preview.example.com', 'https://*.preview.example.com/cb?x=1', 'https://*.preview.example.com:8443/']) {
      expect(isRedirectPattern(good), good).toBe(true)
    }
    for (const bad of [
      'https://*',
      'https://*.com',
      'https://*.vercel.app',
      'http://*.preview.example.com',
      'https://a*.preview.example.com',
      'https://*.*.preview.example.com',
      'https://preview.*.example.com',
      'https://x.preview.example.com/*',
      'https://*.preview.example.com/*',
      'https://*.preview.example.com#x',
      'https://*@evil.example.org.com',
    ]) {
      expect(isRedirectPattern(bad), bad).toBe(false)
    }
  })
})
