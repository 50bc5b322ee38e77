import { defineProvider } from '../definition.ts'

export const salesforce = defineProvider({
  id: 'salesforce',
  name: 'Salesforce Outbound Message',
  category: 'crm',
  docs: 'https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging.htm',
  schemes: [
    {
      family: 'mtls',
      name: 'mtls',
      require: [{ kind: 'equals-setting', source: 'element:OrganizationId', setting: 'orgId' }],
      weakness:
        'Nothing is signed. The certificate proves the connection up to the proxy that ends TLS, and only where no other way leads around that proxy.',
    },
  ],
  keyForm:
    'The SHA-256 fingerprint (hex) of the client certificate that the org presents, or the certificate itself as PEM.',
  settings: [
    {
      name: 'orgId',
      what: 'The id of the org as its messages write it, 18 characters. Setup, Company Information shows the first 15.',
      example: '00D5g000004AbCdEAK',
      required: true,
    },
  ],
  setup: [
    'In Setup open Certificate and Key Management and choose or create the certificate; under API Client Certificate select it.',
    'Download it and give Postern its SHA-256 fingerprint as the key, and the 18-character org id as the setting orgId.',
    'Make the proxy in front ask for a client certificate on this path, verify it, and pass its fingerprint on.',
    'In Setup, Outbound Messages, create a message with the public URL as its endpoint; leave Send Session ID off.',
    'Add the message to a flow or workflow rule and watch Setup, Outbound Messages, Delivery Status.',
  ],
  rotation:
    'Add the fingerprint of the new certificate as a second key, select that certificate in Setup, and retire the old key when messages arrive under the new one.',
  payload: [{ kind: 'opaque', contentTypes: ['text/xml', 'application/soap+xml'] }],
  methods: ['POST'],
  // The notification and the record in it both have an Id, and one message may hold 100 notifications.
  event: { type: 'text:outbound-message', tenant: 'element:OrganizationId', dedupe: 'content' },
  delivery: {
    success: 'a SOAP response with <Ack>true</Ack>',
    retries: 'for 24 hours, with growing pauses',
    addresses: 'https://help.salesforce.com/s/articleView?id=000384438&type=1',
  },
  answers: {
    accepted: {
      status: 200,
      contentType: 'text/xml; charset=utf-8',
      body: '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>',
    },
  },
  pitfalls: [
    'Without the SOAP acknowledgement the message counts as failed and comes again, whatever the status says.',
    'Every org presents a certificate that some authority signed: pin the certificate and the org id, and let in only Salesforce’s published address ranges.',
    'One message may hold up to 100 notifications; they arrive as one event.',
    'The message may carry a session id that opens the API. Leave it switched off.',
    'The body is XML: read it with a parser that resolves no entities.',
  ],
  sample: {
    type: 'outbound-message',
    idPrefix: '04l',
    contentType: 'text/xml; charset=UTF-8',
    body: '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D5g000004AbCdEAK</OrganizationId><ActionId>04k5g000000PosTAAU</ActionId><SessionId xsi:nil="true"/><Notification><Id>{{id}}</Id><sObject xsi:type="sf:Account" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>0015g00000PosteAAB</sf:Id><sf:Name>Postern</sf:Name></sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>',
  },
  vectors: {
    accepted: [
      {
        why: 'the pinned certificate and the right org',
        headers: [['Content-Type', 'text/xml; charset=UTF-8']],
        body: '<?xml version="1.0" encoding="UTF-8"?><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D5g000004AbCdEAK</OrganizationId><Notification><Id>04l1</Id><sObject><Name>Postern</Name></sObject></Notification></notifications>',
        key: 'f3ba8e78044e7c65ae05cdfdd388372b9269288468d14fcf1d0096785ef74c91',
        settings: { orgId: '00D5g000004AbCdEAK' },
        clientCertificate: 'f3ba8e78044e7c65ae05cdfdd388372b9269288468d14fcf1d0096785ef74c91',
      },
      {
        why: 'the fingerprint pasted in upper case with colons, UTF-8 in the body',
        headers: [['Content-Type', 'text/xml; charset=UTF-8']],
        body: '<?xml version="1.0" encoding="UTF-8"?><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D5g000004AbCdEAK</OrganizationId><Notification><Id>04l1</Id><sObject><Name>Grüße 🚀 $1</Name></sObject></Notification></notifications>',
        key: 'F3:BA:8E:78:04:4E:7C:65:AE:05:CD:FD:D3:88:37:2B:92:69:28:84:68:D1:4F:CF:1D:00:96:78:5E:F7:4C:91',
        settings: { orgId: '00D5g000004AbCdEAK' },
        clientCertificate: 'f3ba8e78044e7c65ae05cdfdd388372b9269288468d14fcf1d0096785ef74c91',
      },
    ],
    refused: [
      {
        why: 'no certificate',
        headers: [['Content-Type', 'text/xml; charset=UTF-8']],
        body: '<?xml version="1.0" encoding="UTF-8"?><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D5g000004AbCdEAK</OrganizationId><Notification><Id>04l1</Id><sObject><Name>Postern</Name></sObject></Notification></notifications>',
        key: 'f3ba8e78044e7c65ae05cdfdd388372b9269288468d14fcf1d0096785ef74c91',
        settings: { orgId: '00D5g000004AbCdEAK' },
      },
      {
        why: 'another certificate',
        headers: [['Content-Type', 'text/xml; charset=UTF-8']],
        body: '<?xml version="1.0" encoding="UTF-8"?><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D5g000004AbCdEAK</OrganizationId><Notification><Id>04l1</Id><sObject><Name>Postern</Name></sObject></Notification></notifications>',
        key: 'f3ba8e78044e7c65ae05cdfdd388372b9269288468d14fcf1d0096785ef74c91',
        settings: { orgId: '00D5g000004AbCdEAK' },
        clientCertificate: '1053a22bb178421ac558221e980c943684c7a6c27cd264b9c48b57d9c5a721c3',
      },
      {
        why: 'another org',
        headers: [['Content-Type', 'text/xml; charset=UTF-8']],
        body: '<?xml version="1.0" encoding="UTF-8"?><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D5g000004ZzZzEAK</OrganizationId><Notification><Id>04l1</Id><sObject><Name>Postern</Name></sObject></Notification></notifications>',
        key: 'f3ba8e78044e7c65ae05cdfdd388372b9269288468d14fcf1d0096785ef74c91',
        settings: { orgId: '00D5g000004AbCdEAK' },
        clientCertificate: 'f3ba8e78044e7c65ae05cdfdd388372b9269288468d14fcf1d0096785ef74c91',
      },
      {
        why: 'no org in the message',
        headers: [['Content-Type', 'text/xml; charset=UTF-8']],
        body: '<?xml version="1.0" encoding="UTF-8"?><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><Notification><Id>04l1</Id><sObject><Name>Postern</Name></sObject></Notification></notifications>',
        key: 'f3ba8e78044e7c65ae05cdfdd388372b9269288468d14fcf1d0096785ef74c91',
        settings: { orgId: '00D5g000004AbCdEAK' },
        clientCertificate: 'f3ba8e78044e7c65ae05cdfdd388372b9269288468d14fcf1d0096785ef74c91',
      },
      {
        why: 'two orgs in the message',
        headers: [['Content-Type', 'text/xml; charset=UTF-8']],
        body: '<?xml version="1.0" encoding="UTF-8"?><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D5g000004AbCdEAK</OrganizationId><OrganizationId>00D5g000004ZzZzEAK</OrganizationId><Notification><Id>04l1</Id><sObject><Name>Postern</Name></sObject></Notification></notifications>',
        key: 'f3ba8e78044e7c65ae05cdfdd388372b9269288468d14fcf1d0096785ef74c91',
        settings: { orgId: '00D5g000004AbCdEAK' },
        clientCertificate: 'f3ba8e78044e7c65ae05cdfdd388372b9269288468d14fcf1d0096785ef74c91',
      },
      {
        why: 'the org only inside a comment',
        headers: [['Content-Type', 'text/xml; charset=UTF-8']],
        body: '<?xml version="1.0" encoding="UTF-8"?><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><!-- <OrganizationId>00D5g000004AbCdEAK</OrganizationId> --><Notification><Id>04l1</Id><sObject><Name>Postern</Name></sObject></Notification></notifications>',
        key: 'f3ba8e78044e7c65ae05cdfdd388372b9269288468d14fcf1d0096785ef74c91',
        settings: { orgId: '00D5g000004AbCdEAK' },
        clientCertificate: 'f3ba8e78044e7c65ae05cdfdd388372b9269288468d14fcf1d0096785ef74c91',
      },
      {
        why: 'no org configured',
        headers: [['Content-Type', 'text/xml; charset=UTF-8']],
        body: '<?xml version="1.0" encoding="UTF-8"?><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D5g000004AbCdEAK</OrganizationId><Notification><Id>04l1</Id><sObject><Name>Postern</Name></sObject></Notification></notifications>',
        key: 'f3ba8e78044e7c65ae05cdfdd388372b9269288468d14fcf1d0096785ef74c91',
        clientCertificate: 'f3ba8e78044e7c65ae05cdfdd388372b9269288468d14fcf1d0096785ef74c91',
      },
      {
        why: 'an empty body',
        headers: [['Content-Type', 'text/xml; charset=UTF-8']],
        body: '',
        key: 'f3ba8e78044e7c65ae05cdfdd388372b9269288468d14fcf1d0096785ef74c91',
        settings: { orgId: '00D5g000004AbCdEAK' },
        clientCertificate: 'f3ba8e78044e7c65ae05cdfdd388372b9269288468d14fcf1d0096785ef74c91',
      },
    ],
  },
})
