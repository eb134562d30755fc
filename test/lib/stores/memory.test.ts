import {memoryStore} from '../../fakes/memory-store.ts'
import {itBehavesAsAStore} from './store-behaviour.ts'

describe('the store in memory, a fake', () => {
  itBehavesAsAStore(async () => memoryStore())
})
