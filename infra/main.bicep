// The whole app in one resource group: `az deployment group create -g GROUP -f infra/main.bicep -p …` (docs/deployment.md).
// No key is used between its parts: the app signs in everywhere with its own identity.

@description('Prefix of all names: small letters and digits.')
@minLength(3)
@maxLength(10)
param name string

@description('Where everything stands; the region must offer Flex Consumption.')
param location string = resourceGroup().location

@description('Time zone of the city, an IANA name.')
param timeZone string = 'America/Chicago'

@description('Web origins that may call, separated by commas.')
param corsOrigins string = ''

@description('Most instances at a time.')
@minValue(1)
@maxValue(1000)
param instancesMax int = 40

// Who is who.

@description('Issuer URL of the OIDC provider.')
param oidcIssuer string

@description('Expected audience of its tokens; empty with oidcAuthorizedParties.')
param oidcAudience string = ''

@description('Allowed `azp` values, separated by commas (Clerk).')
param oidcAuthorizedParties string = ''

@description('P-256 key (PKCS #8, DER, base64) that signs consent tokens.')
@secure()
param signerKey string

// Money.

@description('Secret key of Stripe.')
@secure()
param stripeKey string

@description('Signing secrets of its webhooks, separated by commas.')
@secure()
param stripeWebhookSecret string

@description('Where banks send customers back to; empty: they show no page.')
param stripeReturnUrl string = ''

// How people are reached.

@description('WhatsApp and SMS.')
@allowed(['none', 'twilio'])
param messages string = 'none'

@description('Account of Twilio.')
param twilioAccountSid string = ''

@description('Its token, which also signs its webhooks.')
@secure()
param twilioAuthToken string = ''

@description('Number (E.164) or Messaging Service (MG...) for WhatsApp.')
param twilioWhatsappFrom string = ''

@description('The same for SMS.')
param twilioSmsFrom string = ''

@description('Templates: name=HX..., separated by commas.')
param twilioTemplates string = ''

@description('Email.')
@allowed(['none', 'smtp'])
param email string = 'none'

@description('Mail server.')
param smtpHost string = ''

@description('Who signs in there; empty: nobody.')
param smtpUser string = ''

@description('The password of smtpUser.')
@secure()
param smtpPassword string = ''

@description('Address that mails are from, and come back to.')
param smtpFrom string = ''

@description('Signs /webhooks/email, and makes the ids of mails.')
@secure()
param emailSecret string = ''

@description('The systems of partners.')
@allowed(['none', 'https'])
param partnerApi string = 'none'

@description('What the secrets of partners\' webhooks follow from.')
@secure()
param partnerSecret string = ''

// What helps to understand and to plan.

@description('Who reads sentences, and looks at photos: the app itself, or OpenAI too.')
@allowed(['rules', 'openai'])
param language string = 'rules'

@description('API key of OpenAI.')
@secure()
param openaiKey string = ''

@description('Base URL, such as Azure OpenAI\'s; empty: OpenAI\'s own.')
param openaiUrl string = ''

@description('API key of Open-Meteo; without one its use must not be commercial.')
@secure()
param openMeteoKey string = ''

var suffix = uniqueString(resourceGroup().id, name)
var siteName = '${name}-${suffix}'
var databaseName = 'orchestrator'
var blobsName = 'blobs'
var packagesName = 'packages'
var containers = loadJsonContent('containers.json')

// Roles that come with Azure, by the ids that it gives them.
var storageRoles = {
  'Storage Blob Data Owner': 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  'Storage Queue Data Contributor': '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  'Storage Table Data Contributor': '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
}
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'
var cosmosDataContributor = '00000000-0000-0000-0000-000000000002'

var secrets = filter(
  [
    { setting: 'SIGNER_KEY', value: signerKey }
    { setting: 'STRIPE_KEY', value: stripeKey }
    { setting: 'STRIPE_WEBHOOK_SECRET', value: stripeWebhookSecret }
    { setting: 'TWILIO_AUTH_TOKEN', value: twilioAuthToken }
    { setting: 'SMTP_PASSWORD', value: smtpPassword }
    { setting: 'EMAIL_SECRET', value: emailSecret }
    { setting: 'PARTNER_SECRET', value: partnerSecret }
    { setting: 'OPENAI_KEY', value: openaiKey }
    { setting: 'OPEN_METEO_KEY', value: openMeteoKey }
  ],
  one => !empty(one.value)
)

var settings = {
  STORE: 'cosmos'
  COSMOS_ENDPOINT: account.properties.documentEndpoint
  COSMOS_DATABASE: databaseName
  SEARCH: 'cosmos'
  BLOBS: 'azure'
  BLOBS_URL: storage.properties.primaryEndpoints.blob
  BLOBS_CONTAINER: blobsName
  IDENTITY: 'oidc'
  OIDC_ISSUER: oidcIssuer
  OIDC_AUDIENCE: oidcAudience
  OIDC_AUTHORIZED_PARTIES: oidcAuthorizedParties
  SIGNER: 'key'
  PAYMENTS: 'stripe'
  STRIPE_RETURN_URL: stripeReturnUrl
  MESSAGES: messages
  TWILIO_ACCOUNT_SID: twilioAccountSid
  TWILIO_WHATSAPP_FROM: twilioWhatsappFrom
  TWILIO_SMS_FROM: twilioSmsFrom
  TWILIO_TEMPLATES: twilioTemplates
  EMAIL: email
  SMTP_HOST: smtpHost
  SMTP_USER: smtpUser
  SMTP_FROM: smtpFrom
  PARTNER_API: partnerApi
  LANGUAGE: language
  VISION: language == 'openai' ? 'openai' : 'measures'
  OPENAI_URL: openaiUrl
  WEATHER: 'open_meteo'
  PUBLIC_URL: 'https://${siteName}.azurewebsites.net'
  TIME_ZONE: timeZone
  CORS_ORIGINS: corsOrigins
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
}

var platform = {
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
  AZURE_CLIENT_ID: identity.properties.clientId
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.properties.clientId
  AzureWebJobsStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
  AzureWebJobsStorage__queueServiceUri: storage.properties.primaryEndpoints.queue
  AzureWebJobsStorage__tableServiceUri: storage.properties.primaryEndpoints.table
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${name}-${suffix}'
  location: location
}

// The durable hub, the app's package, and the files of customers and partners.

resource storage 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: '${name}${suffix}'
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: storage
  name: 'default'
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobService
  name: packagesName
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobService
  name: blobsName
}

resource storageGrants 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in items(storageRoles): {
    scope: storage
    name: guid(storage.id, identity.id, role.value)
    properties: {
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
    }
  }
]

// Records, and the search index.

resource account 'Microsoft.DocumentDB/databaseAccounts@2025-04-15' = {
  name: '${name}-${suffix}'
  location: location
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    capabilities: [
      { name: 'EnableServerless' }
      { name: 'EnableNoSQLVectorSearch' }
      { name: 'EnableNoSQLFullTextSearch' }
    ]
    consistencyPolicy: { defaultConsistencyLevel: 'Session' }
    locations: [{ locationName: location, failoverPriority: 0, isZoneRedundant: false }]
    backupPolicy: { type: 'Continuous', continuousModeProperties: { tier: 'Continuous7Days' } }
    disableLocalAuth: true
    minimalTlsVersion: 'Tls12'
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2025-04-15' = {
  parent: account
  name: databaseName
  properties: { resource: { id: databaseName } }
}

@batchSize(5)
resource records 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-04-15' = [
  for container in containers: {
    parent: database
    name: container.id
    properties: { resource: any(container) }
  }
]

resource recordsGrant 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-04-15' = {
  parent: account
  name: guid(account.id, identity.id, cosmosDataContributor)
  properties: {
    principalId: identity.properties.principalId
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${cosmosDataContributor}'
    scope: account.id
  }
}

// Secrets: the app's settings only name them.

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: '${name}${substring(suffix, 0, 10)}'
  location: location
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: 7
  }
}

resource kept 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = [
  for one in secrets: {
    parent: vault
    name: replace(toLower(one.setting), '_', '-')
    properties: { value: one.value }
  }
]

resource vaultGrant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, identity.id, secretsUser)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}

// Logs and traces.

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: '${name}-${suffix}'
  location: location
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: '${name}-${suffix}'
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

resource insightsGrant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, identity.id, metricsPublisher)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
  }
}

// The app: nothing stands ready while nobody calls, so waiting costs nothing.

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: '${name}-${suffix}'
  location: location
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource site 'Microsoft.Web/sites@2024-11-01' = {
  name: siteName
  location: location
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identity.id
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packagesName}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      runtime: { name: 'python', version: '3.12' }
      scaleAndConcurrency: { instanceMemoryMB: 2048, maximumInstanceCount: instancesMax }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      appSettings: concat(
        map(items(union(settings, platform)), one => { name: one.key, value: one.value }),
        map(secrets, one => {
          name: one.setting
          value: '@Microsoft.KeyVault(VaultName=${vault.name};SecretName=${replace(toLower(one.setting), '_', '-')})'
        })
      )
    }
  }
  dependsOn: [storageGrants, vaultGrant, insightsGrant, recordsGrant, records, kept, packages, blobs]
}

output siteName string = site.name
output url string = 'https://${site.properties.defaultHostName}'
