internal import JWTKit
