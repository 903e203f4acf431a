import { providerOfHost } from '@outlay/semconv'
import { expect, test } from 'vitest'

test.each([
  ['bedrock-runtime.us-east-1.amazonaws.com', 'aws.bedrock'],
  ['bedrock-runtime-fips.us-gov-west-1.amazonaws.com', 'aws.bedrock'],
  ['vpce-0a1b-x.bedrock-runtime.eu-west-1.vpce.amazonaws.com', 'aws.bedrock'],
  ['openrouter.ai', 'openrouter'],
  ['api.groq.com', 'groq'],
  ['eu.api.openai.com', 'openai'],
  ['us-east5-aiplatform.googleapis.com', 'gcp.vertex_ai'],
])('%s bills as %s', (host, provider) => {
  expect(providerOfHost(host)).toBe(provider)
})

test.each(['gateway-1.elb.amazonaws.com', 'notopenrouter.ai', 'api.openai.com.example.com', '127.0.0.1', ''])(
  'nobody is known to bill for %s',
  (host) => {
    expect(providerOfHost(host)).toBe('')
  },
)
