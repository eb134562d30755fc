/** What `admission install` asks for beside the usual. Part of the composition root. */
import type {InstallContext} from '../actions/admission/install-admission.ts'
import type {Context} from '../ports/context.ts'

export function installContext(context: Context): InstallContext {
  return {
    ...context,
    makeCertificate: async (request) => (await import('../certificates/make-certificate.ts')).makeCertificate(request),
  }
}
