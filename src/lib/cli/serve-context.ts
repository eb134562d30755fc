/** What `admission serve` asks for beside the usual. Part of the composition root. */
import type {RenewLogins} from '../ports/credentials.ts'

/** Of this process; of other registries nothing is held that ends. */
export const renewRegistryLogins: RenewLogins = async () => (await import('../registry/ecr-login.ts')).renewEcrLogins()
