internal import HTTPTypes
internal import Hummingbird
