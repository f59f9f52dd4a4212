import { loadVendorContract, vendorContracts } from '@mcpclient/testkit'

const folder = vendorContracts()

/** Google's description of the API; undefined on a machine without it. */
export const vendorContract = folder === undefined ? undefined : await loadVendorContract(folder, 'google-calendar')
