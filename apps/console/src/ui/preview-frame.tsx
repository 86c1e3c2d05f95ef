import { useEffect, useRef } from 'react'
import { cx } from '../lib/cx.js'

/**
 * A page or mail as it will look. The frame is a page of the control plane with a policy and an origin of its own: what is shown in it
 * runs nothing, fetches nothing, leads nowhere, and cannot reach this page.
 */
export function PreviewFrame({
  title,
  html,
  scheme,
  className = '',
}: {
  title: string
  html: string
  /** What the reader is taken to prefer. */
  scheme: 'light' | 'dark'
  className?: string
}) {
  const frame = useRef<HTMLIFrameElement>(null)
  const shown = useRef(html)
  shown.current = html
  // A frame of no origin can be named by none: `*` reaches whatever it shows, which is what is sent.
  const show = () => frame.current?.contentWindow?.postMessage({ html: shown.current }, '*')
  useEffect(() => {
    const listen = (event: MessageEvent) => {
      if (event.source === frame.current?.contentWindow && event.data === 'portico:ready') show()
    }
    addEventListener('message', listen)
    return () => removeEventListener('message', listen)
  }, [])
  useEffect(show, [html])
  return (
    <iframe
      // Another scheme is another page: browsers decide it when one is loaded.
      key={scheme}
      ref={frame}
      title={title}
      src="/console/preview"
      sandbox="allow-scripts"
      referrerPolicy="no-referrer"
      className={cx('w-full', scheme === 'dark' ? 'scheme-dark' : 'scheme-light', className)}
    />
  )
}
