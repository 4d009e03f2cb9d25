import { expect, use } from 'chai'
import asPromised from 'chai-as-promised'
import bites from 'chai-bites'
import parentheses from 'chai-parentheses'
import string from 'chai-string'
import subset from 'chai-subset'

// In this order: the second changes what the first has added.
for (const plugin of [asPromised, parentheses, subset, bites, string]) use(plugin)

export { expect }
