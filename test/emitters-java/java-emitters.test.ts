import { describeEmitters } from '../emitters-foreign/describe-emitters.ts'
import { EMITTERS } from './emitters.ts'
import { prepareJava } from './java-command.ts'

describeEmitters({ emitters: EMITTERS, prepare: prepareJava })
