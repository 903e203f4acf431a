import { describeEmitters } from '../emitters-foreign/describe-emitters.ts'
import { EMITTERS } from './emitters.ts'
import { preparePython } from './python-command.ts'

describeEmitters({ emitters: EMITTERS, prepare: preparePython })
