// SPDX-License-Identifier: GPL-3.0-or-later

import TLS
import Testing

struct RecordDeliveryTests {
  @Test func `payload counts as acknowledged with the last byte of its record`() {
    var delivery = RecordDelivery()
    delivery.didWrite(100, endingAtRecordByte: 1122)
    delivery.didWrite(50, endingAtRecordByte: 1194)
    #expect(delivery.acknowledged(recordBytesAcknowledged: 1121) == 0)
    #expect(delivery.unacknowledged(recordBytesAcknowledged: 1121) == 150)
    #expect(delivery.acknowledged(recordBytesAcknowledged: 1122) == 100)
    #expect(delivery.unacknowledged(recordBytesAcknowledged: 1193) == 50)
    #expect(delivery.unacknowledged(recordBytesAcknowledged: 1194) == 0)
    // What was acknowledged once remains so.
    #expect(delivery.acknowledged(recordBytesAcknowledged: 0) == 150)
  }

  @Test func `close_notify counts as one byte`() {
    var delivery = RecordDelivery()
    delivery.didWrite(10, endingAtRecordByte: 32)
    delivery.didEnd(atRecordByte: 56)
    #expect(delivery.unacknowledged(recordBytesAcknowledged: 0) == 11)
    #expect(delivery.unacknowledged(recordBytesAcknowledged: 32) == 1)
    #expect(delivery.unacknowledged(recordBytesAcknowledged: 56) == 0)
  }

  @Test func `many small writes take little memory, and none counts too early`() {
    var delivery = RecordDelivery()
    for number in 1...10_000 { delivery.didWrite(1, endingAtRecordByte: number * 23) }
    for number in stride(from: 0, through: 10_000, by: 77) {
      #expect(delivery.acknowledged(recordBytesAcknowledged: number * 23) <= number)
    }
    #expect(delivery.acknowledged(recordBytesAcknowledged: 230_000) == 10_000)
  }
}
