import { cookieSessions } from '@portico/auth/next'
import { cookies, headers } from 'next/headers'
import { NextResponse } from 'next/server'

// AUTH_URL, APP_URL and PORTICO_COOKIE_SECRET come from the environment.
export const auth = cookieSessions({ cookies, headers, NextResponse }, { protect: ['/notes'] })
