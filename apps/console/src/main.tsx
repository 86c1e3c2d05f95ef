import { CSPProvider } from '@base-ui/react/csp-provider'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './app.css'
import { queryClient } from './api/query-client.js'
import { applyTheme, savedTheme } from './lib/theme.js'
import { router } from './router.js'
import { Toasts } from './ui/toast.js'

applyTheme(savedTheme())

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    {/* The policy of the page takes no style elements; ours are in the style sheet. */}
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <Toasts />
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
)
