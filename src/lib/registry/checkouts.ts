/** What scanners are given, as the port says it. */
import type {Checkouts} from '../ports/scanners.ts'
import {checkOutImage, unpackArchive} from './checkout.ts'
import {readDockerArchive} from './docker-archive.ts'

export const checkouts: Checkouts = {single: checkOutImage, unpack: unpackArchive, dockerArchive: readDockerArchive}
