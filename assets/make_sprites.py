#!/usr/bin/env python3
"""Draws every sprite of the demo game. Run it anywhere: it writes next to itself.

Shapes are signed distance fields, so edges come out smooth, and everything is
drawn nose-up (+y). Standard library only. The output is in the public domain
(CC0), like this script.
"""

import math
import pathlib
import struct
import zlib

HERE = pathlib.Path(__file__).resolve().parent
EDGE_FADE = 6  # pixels


def clamp(x, low=0.0, high=1.0):
    return max(low, min(high, x))


def write_png(name, width, height, shade):
    """Writes `shade(x, y) -> (r, g, b, a)`, all 0..1, y up, origin in the middle."""
    rows = bytearray()
    for row in range(height):
        rows.append(0)
        for column in range(width):
            x = column + 0.5 - width / 2
            y = height / 2 - row - 0.5
            red, green, blue, alpha = shade(x, y)
            # No glow ends in a straight line at the edge of its image.
            alpha *= clamp(min(width / 2 - abs(x), height / 2 - abs(y)) / EDGE_FADE)
            rows.extend(round(255 * clamp(c)) for c in (red, green, blue, alpha))

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    data = zlib.compress(bytes(rows), 9)
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    (HERE / name).write_bytes(png)
    print(f"{name}: {width}x{height}, {len(png)} bytes")


# Distances, in pixels: negative inside.


def circle(cx, cy, radius):
    return lambda x, y: math.hypot(x - cx, y - cy) - radius


def capsule(ax, ay, bx, by, radius):
    def distance(x, y):
        dx, dy = bx - ax, by - ay
        along = clamp(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy))
        return math.hypot(x - ax - dx * along, y - ay - dy * along) - radius

    return distance


def polygon(points, rounding=0.0):
    def distance(x, y):
        best, inside = 1e9, False
        for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1]):
            dx, dy = bx - ax, by - ay
            along = clamp(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy))
            best = min(best, math.hypot(x - ax - dx * along, y - ay - dy * along))
            if (ay > y) != (by > y) and x < ax + (y - ay) * dx / dy:
                inside = not inside
        return (-best if inside else best) - rounding

    return distance


def mirrored(points):
    """A polygon from its right half, listed nose to tail."""
    return points + [(-x, y) for x, y in reversed(points) if x != 0]


def union(*shapes):
    return lambda x, y: min(shape(x, y) for shape in shapes)


def over(top, bottom):
    """Composites one straight-alpha colour over another."""
    alpha = top[3] + bottom[3] * (1 - top[3])
    if alpha == 0:
        return (0, 0, 0, 0)
    mixed = [(t * top[3] + b * bottom[3] * (1 - top[3])) / alpha for t, b in zip(top[:3], bottom[:3])]
    return (*mixed, alpha)


def neon(shape, body, rim, rim_width=2.4, glow=5.0, glow_strength=0.45):
    """A dark body with a bright rim and a soft glow around it."""

    def shade(x, y):
        d = shape(x, y)
        halo = (*rim, glow_strength * math.exp(-max(d, 0.0) / glow) if d > 0 else 0.0)
        depth = clamp(-d / 22)
        fill = tuple(b * (0.75 + 0.6 * depth) + r * 0.16 * (1 - depth) for b, r in zip(body, rim))
        edge = clamp(1.2 - abs(d + rim_width * 0.6) / rim_width)
        inside = tuple(f * (1 - edge) + r * edge for f, r in zip(fill, rim))
        return over((*inside, clamp(0.5 - d)), halo)

    return shade


def stack(*shades):
    def shade(x, y):
        colour = (0, 0, 0, 0)
        for layer in shades:
            colour = over(layer(x, y), colour)
        return colour

    return shade


def solid(shape, colour, softness=0.5):
    return lambda x, y: (*colour, clamp(0.5 - shape(x, y) / (2 * softness)))


CYAN, ICE = (0.35, 0.95, 1.0), (0.85, 1.0, 1.0)
LIME, PINK, AMBER, RED = (0.55, 1.0, 0.35), (1.0, 0.3, 0.75), (1.0, 0.7, 0.2), (1.0, 0.3, 0.25)


def ship():
    hull = polygon(mirrored([(0, 42), (7, 22), (10, 2), (36, -20), (36, -30), (13, -25), (9, -34)]), 2)
    cockpit = capsule(0, 6, 0, 18, 4.5)
    guns = union(capsule(26, -14, 26, 2, 1.6), capsule(-26, -14, -26, 2, 1.6))
    write_png("ship.png", 112, 112, stack(
        solid(guns, CYAN),
        neon(hull, (0.05, 0.13, 0.24), CYAN),
        neon(cockpit, (0.3, 0.8, 1.0), ICE, 1.4, 3, 0.3)))


def drifter():
    petals = [capsule(math.sin(a) * 12, math.cos(a) * 12, math.sin(a) * 24, math.cos(a) * 24, 7.5)
              for a in (math.tau * (i + 0.5) / 6 for i in range(6))]
    write_png("drifter.png", 104, 104, stack(
        neon(union(circle(0, 0, 17), *petals), (0.06, 0.2, 0.07), LIME),
        neon(circle(0, 0, 8), (0.5, 0.95, 0.4), (0.9, 1.0, 0.8), 1.6, 3, 0.3)))


def diver():
    body = polygon(mirrored([(0, 36), (9, 12), (28, -22), (12, -14), (0, -26)]), 2)
    slit = capsule(0, -4, 0, 12, 3)
    write_png("diver.png", 104, 104, stack(
        neon(body, (0.22, 0.04, 0.16), PINK),
        neon(slit, (1.0, 0.6, 0.85), (1.0, 0.85, 0.95), 1.2, 3, 0.3)))


def gunner():
    hexagon = [(40 * math.cos(math.tau * i / 6), 32 * math.sin(math.tau * i / 6)) for i in range(6)]
    barrels = union(capsule(14, -22, 14, -44, 4), capsule(-14, -22, -14, -44, 4))
    write_png("gunner.png", 136, 136, stack(
        neon(barrels, (0.2, 0.12, 0.03), AMBER, 1.8),
        neon(polygon(hexagon, 3), (0.22, 0.13, 0.03), AMBER),
        neon(capsule(-13, 2, 13, 2, 7), (0.9, 0.4, 0.1), (1.0, 0.9, 0.6), 1.8, 4, 0.4)))


def shots():
    bolt = capsule(0, -14, 0, 14, 2.4)
    write_png("bolt.png", 36, 60, stack(neon(bolt, ICE, (0.6, 0.95, 1.0), 2.4, 3, 0.45)))
    write_png("orb.png", 56, 56, stack(
        neon(circle(0, 0, 10), RED, (1.0, 0.55, 0.4), 2.5, 4, 0.55),
        solid(circle(0, 0, 5), (1.0, 0.95, 0.85), 2)))
    missile = polygon(mirrored([(0, 20), (5, 11), (5, -8), (11, -16), (3, -13)]), 1)
    write_png("missile.png", 48, 64, stack(neon(missile, (0.25, 0.2, 0.05), (1.0, 0.9, 0.45), 1.8, 4)))
    write_png("shield.png", 56, 56, stack(neon(circle(0, 0, 9), (0.1, 0.3, 0.5), (0.5, 0.85, 1.0), 2.2, 4, 0.5)))


def lights():
    def soft(radius, power):
        return lambda x, y: (1, 1, 1, clamp(1 - math.hypot(x, y) / radius) ** power)

    write_png("glow.png", 64, 64, soft(32, 2.2))

    def ring(x, y):
        d = abs(math.hypot(x, y) - 52)
        return (1, 1, 1, clamp(1 - d / 10) ** 2)

    write_png("ring.png", 128, 128, ring)

    def flame(x, y):
        # Wide and white at the nozzle (top), narrow and clear at the tail.
        down = clamp((28 - y) / 56)
        width = 9 * (1 - down) ** 0.7 + 0.5
        across = clamp(1 - abs(x) / width)
        cap = clamp((28 - y) / 4)
        return (1, 0.95 - 0.3 * down, 0.9 - 0.5 * down, cap * across ** 1.3 * (1 - down) ** 0.8)

    write_png("flame.png", 32, 64, flame)


def nebula():
    def lattice(ix, iy):
        n = (ix * 374761393 + iy * 668265263) & 0xFFFFFFFF
        n = ((n ^ (n >> 13)) * 1274126177) & 0xFFFFFFFF
        return ((n ^ (n >> 16)) & 0xFFFF) / 0xFFFF

    def noise(x, y):
        ix, iy = math.floor(x), math.floor(y)
        fx, fy = (t * t * (3 - 2 * t) for t in (x - ix, y - iy))
        top = lattice(ix, iy) * (1 - fx) + lattice(ix + 1, iy) * fx
        low = lattice(ix, iy + 1) * (1 - fx) + lattice(ix + 1, iy + 1) * fx
        return top * (1 - fy) + low * fy

    def shade(x, y):
        cloud = sum(noise(x / 2 ** k + 40 * k, y / 2 ** k) * 2 ** k for k in range(3, 7)) / sum(2 ** k for k in range(3, 7))
        fade = clamp(1 - math.hypot(x, y) / 126) ** 1.2
        return (1, 1, 1, fade * clamp((cloud - 0.32) * 1.7))

    write_png("nebula.png", 256, 256, shade)


if __name__ == "__main__":
    ship()
    drifter()
    diver()
    gunner()
    shots()
    lights()
    nebula()
