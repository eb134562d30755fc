/**
 * Tokens that their issuers made to be recognised: a literal beginning, an alphabet, a length.
 *
 * Sources: what GitHub's secret scanning, gitleaks and the issuers themselves
 * say about these forms; the list is ours. A token whose issuer gave it no form
 * (Datadog, PagerDuty, Fastly) is found by the name before it (`credentials.ts`).
 * `needs` is what stands in every one of them literally: a text without it is
 * not searched, and that is what keeps a long list cheap.
 */
import type {Rule} from './rule.ts'

interface Provider {
  readonly id: string
  readonly needs: readonly string[]
  readonly form: string
}

const W = '[A-Za-z0-9_-]'
const HEX = '[a-f0-9]'
const UUID = `${HEX}{8}-(?:${HEX}{4}-){3}${HEX}{12}`

const CLOUDS: readonly Provider[] = [
  {
    id: 'aws-key',
    needs: ['AKIA', 'ASIA', 'ABIA', 'ACCA', 'A3T', 'ABSK', 'bedrock-api-key-'],
    form: `(?:(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}|ABSK[A-Za-z0-9+/]{100,300}={0,2}|bedrock-api-key-[A-Za-z0-9+/]{20,4096}={0,2})`,
  },
  {id: 'google-key', needs: ['AIza', 'GOCSPX-', 'ya29.', '1//0'], form: `(?:AIza${W}{35}|GOCSPX-${W}{28}|ya29\\.${W}{20,2048}|1//0${W}{40,512})`},
  {id: 'azure-secret', needs: ['Q~'], form: String.raw`[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}`},
  {
    id: 'azure-key',
    needs: ['+ASt', '+ACR', '+ABa', '+AMC', 'ACDb', 'AzSe', 'AzFu', 'AzCa', 'AIoT', 'APIM', 'AZDO'],
    form: `(?:[A-Za-z0-9+/]{76}(?:\\+ASt|\\+ABa|\\+AMC|ACDb|APIM)[A-Za-z0-9+/]{5,6}={0,2}|[A-Za-z0-9+/]{42}(?:\\+ACR|AzSe|AzFu|AzCa)[A-Za-z0-9+/]{6}|[A-Za-z0-9+/]{33}AIoT[A-Za-z0-9+/]{5,6}=?|[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4})`,
  },
  {id: 'alibaba-key', needs: ['LTAI'], form: 'LTAI[A-Za-z0-9]{12,20}'},
  {id: 'tencent-key', needs: ['AKID'], form: 'AKID[A-Za-z0-9]{32}'},
  {id: 'digitalocean-token', needs: ['_v1_'], form: `do[opr]_v1_${HEX}{64}`},
  {id: 'cloudflare-key', needs: ['v1.0-'], form: `v1\\.0-${HEX}{24}-${HEX}{146}`},
  {id: 'heroku-key', needs: ['HRKU-'], form: `HRKU-(?:AA${W}{58}|${UUID})`},
  {id: 'fly-token', needs: ['fo1_', 'fm1', 'fm2_'], form: `(?:fo1_${W}{43}|fm(?:1[ar]|2)_[A-Za-z0-9+/]{100,2048}={0,3})`},
  {id: 'databricks-token', needs: ['dapi'], form: `dapi${HEX}{32}(?:-\\d)?`},
  {id: 'supabase-token', needs: ['sbp_'], form: `sbp_${HEX}{40}`},
  {id: 'planetscale-token', needs: ['pscale_'], form: String.raw`pscale_(?:tkn|oauth|pw)_[\w=.-]{32,64}`},
  {id: 'openshift-token', needs: ['sha256~'], form: `sha256~${W}{43}`},
]

const BUILDERS: readonly Provider[] = [
  {id: 'github-token', needs: ['gh', 'github_pat_'], form: '(?:gh[pousr]_[A-Za-z0-9_]{36,255}|github_pat_[A-Za-z0-9_]{60,255})'},
  {
    id: 'gitlab-token',
    needs: ['gl', 'GR1348941'],
    form: `(?:gl(?:pat|dt|rt|cbt|ptt|ft|ffct|soat|agent|oas|imt|wt)-[A-Za-z0-9_.-]{20,320}|GR1348941${W}{20})`,
  },
  {id: 'atlassian-token', needs: ['ATATT3', 'ATCTT3', 'ATBB'], form: '(?:AT[AC]TT3[A-Za-z0-9_=-]{60,400}|ATBB[A-Za-z0-9]{32})'},
  {id: 'circleci-token', needs: ['CCIPAT_', 'CCIPRJ_'], form: `CCIP(?:AT|RJ)_[A-Za-z0-9]{22}_${HEX}{40}`},
  {id: 'buildkite-token', needs: ['bkua_'], form: `bkua_${HEX}{40}`},
  {id: 'octopus-key', needs: ['API-'], form: 'API-[A-Z0-9]{26}'},
  {id: 'harness-key', needs: ['pat.', 'sat.'], form: String.raw`[ps]at\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}`},
  {id: 'vault-token', needs: ['hvs.', 'hvb.', 'hvr.'], form: `hv[sbr]\\.${W}{24,320}`},
  {id: 'terraform-token', needs: ['.atlasv1.'], form: '[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{60,70}'},
  {id: 'pulumi-token', needs: ['pul-'], form: `pul-${HEX}{40}`},
  {id: 'doppler-token', needs: ['dp.'], form: String.raw`dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[A-Za-z0-9_-]{1,35}\.)?[A-Za-z0-9]{40,44}`},
  {
    id: 'onepassword-token',
    needs: ['ops_eyJ', 'A3-'],
    form: '(?:ops_eyJ[A-Za-z0-9+/]{200,2048}={0,3}|A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3})',
  },
  {id: 'snyk-token', needs: ['snyk_'], form: String.raw`snyk_(?:uat|sat)\.[a-z0-9]{8}\.[A-Za-z0-9_.-]{20,2048}`},
  {id: 'sonar-token', needs: ['squ_', 'sqp_', 'sqa_'], form: `sq[upa]_${HEX}{40}`},
  {id: 'postman-key', needs: ['PMAK-'], form: `PMAK-${HEX}{24}-${HEX}{34}`},
  {id: 'linear-key', needs: ['lin_'], form: 'lin_(?:api|oauth)_[A-Za-z0-9]{32,64}'},
  {id: 'tailscale-key', needs: ['tskey-'], form: 'tskey-[a-z]{3,10}-[A-Za-z0-9]{6,24}-[A-Za-z0-9]{16,64}'},
  {id: 'age-key', needs: ['AGE-SECRET-KEY-1'], form: 'AGE-SECRET-KEY-1[A-Z0-9]{58}'},
]

const REGISTRIES: readonly Provider[] = [
  {id: 'npm-token', needs: ['npm_'], form: 'npm_[A-Za-z0-9]{36}'},
  {id: 'pypi-token', needs: ['pypi-AgE'], form: `pypi-AgE${W}{50,2048}`},
  {id: 'nuget-key', needs: ['oy2'], form: 'oy2[a-z0-9]{43}'},
  {id: 'rubygems-key', needs: ['rubygems_'], form: `rubygems_${HEX}{48}`},
  {id: 'crates-token', needs: ['cio'], form: 'cio[A-Za-z0-9]{32}'},
  {id: 'clojars-token', needs: ['CLOJARS_'], form: 'CLOJARS_[a-z0-9]{60}'},
  {id: 'docker-token', needs: ['dckr_'], form: `dckr_(?:pat|oat)_${W}{20,255}`},
  {id: 'jfrog-key', needs: ['AKCp', 'cmVmd'], form: '(?:AKCp[A-Za-z0-9]{69}|cmVmd[A-Za-z0-9]{59})'},
]

const SERVICES: readonly Provider[] = [
  {id: 'slack-token', needs: ['xox', 'xapp-'], form: String.raw`(?:xox[abceoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,255}|xapp-\d-[A-Za-z0-9-]{10,255})`},
  {id: 'discord-token', needs: ['.'], form: String.raw`[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}`},
  {id: 'telegram-token', needs: [':AA'], form: String.raw`\d{8,10}:AA${W}{33}`},
  {id: 'twilio-key', needs: ['SK'], form: `SK${HEX}{32}`},
  {id: 'sendgrid-key', needs: ['SG.'], form: String.raw`SG\.${W}{16,32}\.${W}{16,64}`},
  {id: 'mailgun-key', needs: ['-'], form: `(?:(?:pub)?key-${HEX}{32}|${HEX}{32}-${HEX}{8}-${HEX}{8})`},
  {id: 'mailchimp-key', needs: ['-us'], form: String.raw`${HEX}{32}-us\d{1,2}`},
  {id: 'brevo-key', needs: ['xkeysib-'], form: `xkeysib-${HEX}{64}-[A-Za-z0-9]{16}`},
  {
    id: 'stripe-key',
    needs: ['k_live_', 'k_test_', 'k_prod_', 'whsec_'],
    form: '(?:[rs]k_(?:live|test|prod)_[A-Za-z0-9]{16,255}|whsec_[A-Za-z0-9+/]{32,64}={0,2})',
  },
  {id: 'shopify-token', needs: ['shp'], form: 'shp(?:at|ca|pa|ss|ua)_[A-Fa-f0-9]{32}'},
  {id: 'square-token', needs: ['sq0', 'EAAA'], form: `(?:sq0(?:atp|csp)-${W}{22,43}|EAAA${W}{60})`},
  {id: 'braintree-token', needs: ['access_token$'], form: String.raw`access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$${HEX}{32}`},
  {id: 'shippo-token', needs: ['shippo_'], form: `shippo_(?:live|test)_${HEX}{40}`},
  {
    id: 'newrelic-key',
    needs: ['NRAK-', 'NRJS-', 'NRII-', 'NRRA-', 'NRAL'],
    form: `(?:NR(?:AK|RA)-[A-Z0-9]{27,42}|NRJS-${HEX}{19}|NRII-${W}{32}|[A-Za-z0-9]{36}NRAL)`,
  },
  {id: 'dynatrace-token', needs: ['dt0'], form: String.raw`dt0[a-z]\d{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}`},
  {
    id: 'grafana-token',
    needs: ['glc_', 'glsa_', 'eyJrIjoi'],
    form: '(?:glc_[A-Za-z0-9+/]{32,400}={0,3}|glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}|eyJrIjoi[A-Za-z0-9]{70,400}={0,3})',
  },
  {id: 'sentry-token', needs: ['sntry'], form: `(?:sntryu_${HEX}{64}|sntrys_eyJ[A-Za-z0-9+/=_]{40,512})`},
  {id: 'notion-token', needs: ['ntn_', 'secret_'], form: String.raw`(?:ntn_\d{11}[A-Za-z0-9]{35}|secret_[A-Za-z0-9]{43})`},
  {id: 'airtable-token', needs: ['pat'], form: `pat[A-Za-z0-9]{14}\\.${HEX}{64}`},
  {id: 'figma-token', needs: ['figd_'], form: `figd_${W}{40}`},
  {id: 'contentful-token', needs: ['CFPAT-'], form: `CFPAT-${W}{43}`},
  {id: 'easypost-key', needs: ['EZAK', 'EZTK'], form: 'EZ[AT]K[A-Za-z0-9]{54}'},
  {id: 'facebook-token', needs: ['EAAM', 'EAAC'], form: 'EAA[MC][A-Za-z0-9]{100,400}'},
  {
    id: 'model-key',
    needs: ['sk-', 'pplx-', 'gsk_', 'r8_', 'xai-', 'nvapi-', 'hf_', 'api_org_'],
    form: `(?:sk-(?:ant|proj|svcacct|admin|or|None)-${W}{20,255}|sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}|pplx-[A-Za-z0-9]{48}|gsk_[A-Za-z0-9]{52}|r8_[A-Za-z0-9]{37}|xai-[A-Za-z0-9]{80}|nvapi-${W}{60,70}|(?:hf|api_org)_[A-Za-z]{34})`,
  },
]

/** Where the form alone is too common. */
const VALIDATORS: Readonly<Record<string, (value: string) => boolean>> = {
  // Before the first dot stands the number of the account.
  'discord-token': (value) => /^\d{17,20}$/.test(Buffer.from(value.slice(0, value.indexOf('.')), 'base64url').toString('latin1')),
}

export const PROVIDERS: readonly Rule[] = [...CLOUDS, ...BUILDERS, ...REGISTRIES, ...SERVICES].map(({id, needs, form}): Rule => {
  const valid = VALIDATORS[id]
  return {
    id,
    kind: 'credential',
    needs,
    pattern: new RegExp(String.raw`(?<![A-Za-z0-9_])${form}(?![A-Za-z0-9_])`, 'dg'),
    ...(valid !== undefined && {valid}),
  }
})
