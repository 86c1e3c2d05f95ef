import { toast } from '../ui/toast.js'
import { portico } from './portico.js'

// A page that is loaded anew keeps nothing of the tenant before.
const anew = () => location.assign('/console')

/** Looks around in the made-up projects, instead of in what the reader may see otherwise. */
export const enterDemo = (): Promise<void> => portico.console.enterDemo().then(anew, toast.failed)

/** Leaves the demo, or whatever session there is. */
export const signOut = (): Promise<void> => portico.console.signOut().then(anew, toast.failed)
