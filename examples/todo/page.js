const { createAuthClient, isPorticoAuthError } = globalThis.PorticoAuth
const $ = (id) => document.getElementById(id)

// Out of the address bar and the history before anything else: whoever has the token of a mailed link has the account.
const mailed = Object.fromEntries(new URL(location.href).searchParams)
history.replaceState(null, '', '/')

const { auth_url: url } = await (await fetch('/config.json')).json()
const auth = createAuthClient({ url })

/** Shows one part of the page. */
function show(part) {
  for (const id of ['login', 'confirm', 'reset', 'list']) $(id).hidden = id !== part
}

function tell(message) {
  $('message').textContent = message
}

/** Runs what a form does, and tells what came of it. */
function onSubmit(id, work) {
  $(id).addEventListener('submit', async (event) => {
    event.preventDefault()
    const button = event.submitter
    button.disabled = true
    tell('')
    try {
      await work(Object.fromEntries(new FormData(event.target)), button.value)
    } catch (error) {
      tell(isPorticoAuthError(error) ? [error.message, ...error.details.map((detail) => detail.message)].join(' ') : 'Something went wrong. Try again.')
      if (!isPorticoAuthError(error)) console.error(error)
    } finally {
      button.disabled = false
    }
  })
}

onSubmit('login', async ({ email, password }, action) => {
  if (action === 'forgot') {
    if (!email) return tell('Type your address first.')
    await auth.resetPassword({ email })
    return tell('If there is an account with this address, a mail is on its way.')
  }
  if (action === 'login') return void (await auth.logIn({ email, password }))
  const { confirmationRequired } = await auth.signUp({ email, password })
  tell(confirmationRequired ? 'Look into your inbox to confirm your address.' : 'Welcome! A mail asks you to confirm your address.')
})

onSubmit('confirm', async () => {
  const { passwordRemoved } = await auth.confirmEmail({ token: mailed.token })
  await start()
  // In another browser than that of the sign-up nothing shows that the password is this person's.
  tell(passwordRemoved ? 'Your address is confirmed. You signed up in another browser, so choose the password anew: «Forgot password?».' : 'Thank you, your address is confirmed.')
})

onSubmit('reset', async ({ password }) => {
  await auth.confirmPasswordReset({ token: mailed.token, password })
  show('login')
  tell('The new password is set. Log in with it.')
})

onSubmit('add', async ({ title }) => {
  await api('POST', '/api/todos', { title })
  $('add').reset()
  await draw()
})

$('logout').addEventListener('click', () => auth.logOut().catch(() => {}))

async function api(method, path, body) {
  const answer = await auth.fetch(path, { method, ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) })
  const result = await answer.json()
  if (!answer.ok) throw new Error(result.error)
  return result
}

async function draw() {
  const todos = await api('GET', '/api/todos')
  $('items').replaceChildren(...todos.map(item))
}

function item({ id, title, done }) {
  const row = document.createElement('li')
  row.className = done ? 'done' : ''
  const label = document.createElement('label')
  const box = Object.assign(document.createElement('input'), { type: 'checkbox', checked: done })
  box.addEventListener('change', () => change('PATCH', id, { done: box.checked }))
  label.append(box, ` ${title}`)
  const remove = Object.assign(document.createElement('button'), { type: 'button', className: 'plain', textContent: 'Delete' })
  remove.addEventListener('click', () => change('DELETE', id))
  row.append(label, remove)
  return row
}

async function change(method, id, body) {
  try {
    await api(method, `/api/todos/${id}`, body)
    await draw()
  } catch {
    tell('That did not work. Try again.')
  }
}

async function start() {
  const session = await auth.getSession()
  if (!session) return show('login')
  $('who').textContent = session.user.email
  show('list')
  await draw()
}

auth.onAuthStateChange((event) => {
  if (event === 'SIGNED_IN') start().catch(() => tell('The list could not be read.'))
  if (event === 'SIGNED_OUT') {
    $('items').replaceChildren()
    show('login')
  }
})

if (mailed.type === 'password_reset' && mailed.token) show('reset')
else if (mailed.type === 'email_confirm' && mailed.token) show('confirm')
else await start()
