// SPDX-License-Identifier: GPL-3.0-or-later

/// The calculation protocol in Python, written from its description alone: a client and a server.
public enum PythonCalculator {
  /// `encoded(value)`, `take(stream)`, `ask(stream, opcode, left, right)` and `answer(opcode, left, right)`.
  public static let text = """
    def encoded(value):
        if isinstance(value, str):
            kind, payload = b"s", value.encode()
        elif isinstance(value, float):
            kind, payload = b"d", struct.pack(">d", value)
        else:
            bits = (value if value >= 0 else ~value).bit_length()
            kind, payload = b"i", value.to_bytes(max(8, bits // 8 + 1), "big", signed=True)
        return kind + struct.pack(">I", len(payload)) + payload

    def take(stream):
        kind, length = struct.unpack(">cI", stream.read(5))
        payload = stream.read(length)
        if kind == b"s":
            return payload.decode()
        if kind == b"d":
            return struct.unpack(">d", payload)[0]
        return int.from_bytes(payload, "big", signed=True)

    def ask(stream, opcode, left, right):
        "The result, or the message as an exception."
        stream.write(bytes([opcode]) + encoded(left) + encoded(right))
        stream.flush()
        failed = stream.read(1) != b"\\0"
        value = take(stream)
        if failed:
            raise ArithmeticError(value)
        return value

    def calculate(opcode, left, right):
        if opcode == 3:
            if isinstance(left, str) and isinstance(right, str):
                return left + right
            raise ArithmeticError("wrong type: concatenate takes texts, not numbers")
        if isinstance(left, str) or isinstance(right, str):
            name = {1: "add", 2: "multiply", 4: "subtract", 5: "divide"}[opcode]
            raise ArithmeticError(f"wrong type: {name} takes numbers, not text")
        if isinstance(left, int) and isinstance(right, int):
            if opcode == 5 and right and left % right == 0:
                return left // right
        else:
            try:
                left, right = float(left), float(right)
            except OverflowError:
                raise ArithmeticError("overflow: an integer is too large for a double")
        try:
            result = {1: lambda: left + right, 2: lambda: left * right, 4: lambda: left - right,
                      5: lambda: left / right}[opcode]()
        except ZeroDivisionError:
            raise ArithmeticError("division by zero")
        except OverflowError:
            result = float("inf")
        if result in (float("inf"), float("-inf")):
            raise ArithmeticError("overflow: the result is too large for a double")
        return result

    def answer(opcode, left, right):
        "The response, as it goes over the wire."
        try:
            return b"\\0" + encoded(calculate(opcode, left, right))
        except ArithmeticError as error:
            return b"\\1" + encoded(str(error))

    def serve(connection):
        "Answers one client until it ends the session or leaves."
        with connection, connection.makefile("rwb") as stream:
            while (opcode := stream.read(1)) not in (b"", b"\\0"):
                stream.write(answer(opcode[0], take(stream), take(stream)))
                stream.flush()


    """
}
